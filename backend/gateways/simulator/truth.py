"""The truth log: what the carrier really accepted and really sent, one JSON object a line.

Lines are given to the kernel before the answers they belong to are written, so a test may trust
the log against a client that was killed in between.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

Kind = Literal["accepted", "refused", "receipt", "acknowledged", "reply"]


class TruthRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    at: float
    """Seconds since 1970."""
    kind: Kind
    system_id: str
    source: str
    destination: str
    carrier_id: str = ""
    fate: str = ""
    """Or, of a receipt, its stat; of a refusal, its command_status."""
    data_coding: int = 0
    message: bytes = b""
    """Without its user data header."""
    reference: int | None = None
    part_reference: int | None = None
    part_number: int = 1
    parts_total: int = 1


class TruthLog:
    def __init__(self, path: Path | None) -> None:
        self._descriptor = (
            None if path is None else os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        )
        self._records: list[TruthRecord] = []
        self._encoder = msgspec.json.Encoder()

    @property
    def is_kept(self) -> bool:
        return self._descriptor is not None

    def add(self, record: TruthRecord) -> None:
        self._records.append(record)

    def flush(self) -> None:
        if self._descriptor is None or not self._records:
            return
        data = self._encoder.encode_lines(self._records)
        self._records.clear()
        while data:
            data = data[os.write(self._descriptor, data) :]

    def close(self) -> None:
        self.flush()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def read(path: Path) -> Iterator[TruthRecord]:
    """A last line without its end is a write that was cut off, and is left out."""
    decoder = msgspec.json.Decoder(TruthRecord)
    with path.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield decoder.decode(line)
