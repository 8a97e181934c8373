"""Everything the simulator knows, in one SQLite file: objects, events, deliveries, answers by key.

One request is one transaction, so a killed simulator has done a request wholly or not at all.
"""

import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

KEY_SECONDS_MAX = 86_400  # Stripe forgets idempotency keys after a day
_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, no INTEGER NOT NULL, created INTEGER NOT NULL,
    body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS objects_of_kind ON objects (kind, no);
CREATE TABLE IF NOT EXISTS hidden (id TEXT PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL,
    made_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    no INTEGER PRIMARY KEY, event TEXT NOT NULL, due_at REAL NOT NULL, tries INTEGER NOT NULL,
    status INTEGER);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at);
CREATE TABLE IF NOT EXISTS later (
    no INTEGER PRIMARY KEY, due_at REAL NOT NULL, deed TEXT NOT NULL, id TEXT NOT NULL);
"""


class Stored(msgspec.Struct, frozen=True):
    """An answer given before under the same key."""

    fingerprint: str
    status: int
    body: bytes


class Book:
    def __init__(self, path: Path | str) -> None:
        self._sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._sql.execute("PRAGMA journal_mode = WAL")
        self._sql.execute("PRAGMA synchronous = NORMAL")
        self._sql.executescript(_SCHEMA)
        row = self._sql.execute("SELECT coalesce(max(no), 0) FROM objects").fetchone()
        self._no: int = row[0]

    def close(self) -> None:
        self._sql.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._sql.execute("ROLLBACK")
            raise
        self._sql.execute("COMMIT")

    # Objects

    def add(self, kind: str, prefix: str, fields: dict[str, Any]) -> dict[str, Any]:
        made = {
            "id": f"{prefix}_{secrets.token_hex(12)}",
            "object": kind,
            "created": int(time.time()),
            "livemode": False,
            **fields,
        }
        self._no += 1
        self._sql.execute(
            "INSERT INTO objects (id, kind, no, created, body) VALUES (?, ?, ?, ?, ?)",
            (made["id"], kind, self._no, made["created"], msgspec.json.encode(made)),
        )
        return made

    def find(self, object_id: str) -> dict[str, Any] | None:
        row = self._sql.execute("SELECT body FROM objects WHERE id = ?", (object_id,)).fetchone()
        return msgspec.json.decode(row[0]) if row else None

    def change(self, known: dict[str, Any], **fields: Any) -> dict[str, Any]:
        known.update(fields)
        self._sql.execute(
            "UPDATE objects SET body = ? WHERE id = ?", (msgspec.json.encode(known), known["id"])
        )
        return known

    def each(self, kind: str) -> Iterator[dict[str, Any]]:
        """The newest first."""
        rows = self._sql.execute(
            "SELECT body FROM objects WHERE kind = ? ORDER BY no DESC", (kind,)
        ).fetchall()
        yield from (msgspec.json.decode(row[0]) for row in rows)

    # What an object's own form does not show: fates, the way back, prices of a page

    def hide(self, object_id: str, **fields: Any) -> None:
        body = msgspec.json.encode({**self.hidden(object_id), **fields})
        self._sql.execute(
            "INSERT OR REPLACE INTO hidden (id, body) VALUES (?, ?)", (object_id, body)
        )

    def hidden(self, object_id: str) -> dict[str, Any]:
        row = self._sql.execute("SELECT body FROM hidden WHERE id = ?", (object_id,)).fetchone()
        return msgspec.json.decode(row[0]) if row else {}

    # Answers by idempotency key

    def answer(self, key: str) -> Stored | None:
        row = self._sql.execute(
            "SELECT fingerprint, status, body FROM answers WHERE key = ? AND made_at > ?",
            (key, time.time() - KEY_SECONDS_MAX),
        ).fetchone()
        return Stored(*row) if row else None

    def keep_answer(self, key: str, answer: Stored) -> None:
        self._sql.execute(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)",
            (key, answer.fingerprint, answer.status, answer.body, time.time()),
        )

    # Deliveries of events, and deeds that come later

    def deliver(self, event: str, due_at: float) -> None:
        self._sql.execute(
            "INSERT INTO deliveries (event, due_at, tries) VALUES (?, ?, 0)", (event, due_at)
        )

    def due_deliveries(self, limit: int) -> list[tuple[int, str, int]]:
        return self._sql.execute(
            "SELECT no, event, tries FROM deliveries WHERE status IS NULL AND due_at <= ?"
            " ORDER BY due_at, no LIMIT ?",
            (time.time(), limit),
        ).fetchall()

    def delivered(self, no: int, status: int) -> None:
        self._sql.execute("UPDATE deliveries SET status = ? WHERE no = ?", (status, no))

    def put_off(self, no: int, seconds: float) -> None:
        self._sql.execute(
            "UPDATE deliveries SET tries = tries + 1, due_at = ? WHERE no = ?",
            (time.time() + seconds, no),
        )

    def order_deliveries(self, numbers: list[int]) -> None:
        """These now, in this order."""
        start = time.time() - len(numbers)
        for place, no in enumerate(numbers):
            self._sql.execute("UPDATE deliveries SET due_at = ? WHERE no = ?", (start + place, no))

    def deliveries(self) -> list[tuple[int, str, int, int | None]]:
        return self._sql.execute(
            "SELECT no, event, tries, status FROM deliveries ORDER BY no"
        ).fetchall()

    def do_later(self, deed: str, object_id: str, seconds: float) -> None:
        self._sql.execute(
            "INSERT INTO later (due_at, deed, id) VALUES (?, ?, ?)",
            (time.time() + seconds, deed, object_id),
        )

    def take_due(self) -> list[tuple[str, str]]:
        rows = self._sql.execute(
            "DELETE FROM later WHERE due_at <= ? RETURNING due_at, no, deed, id", (time.time(),)
        ).fetchall()
        return [(deed, object_id) for _, _, deed, object_id in sorted(rows)]
