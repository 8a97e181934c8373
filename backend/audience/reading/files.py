"""Bytes of an upload → numbered records. Never more of the file in memory than one record."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

from backend.kernel.errors import InvalidInput, UnsupportedMedia

IMPORT_FILE_BYTES_MAX: Final = 100 * 1024 * 1024
ROWS_MAX: Final = 1_000_000
COLUMNS_MAX: Final = 256
RECORD_CHARACTERS_MAX: Final = 1_000_000
SNIFFED_BYTES: Final = 64 * 1024
SCANNED_BYTES: Final = 1024 * 1024
SNIFFED_RECORDS: Final = 20
DELIMITERS: Final = (",", ";", "\t", "|")

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC: Final = (
    (b"PK\x03\x04", "a zip archive or an xlsx workbook"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf'\x1c", "a 7z archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
)


class FileProblem(InvalidInput):
    """The file as a whole cannot be read; facts: `line` (a spreadsheet's), `column`."""


class FileEncoding(msgspec.Struct, frozen=True):
    name: str
    bom_bytes: int
    is_guessed: bool


def check_media(head: bytes) -> None:
    """By content, never by name: a zip renamed .csv is a zip. Raises UnsupportedMedia."""
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise UnsupportedMedia(
                detail=f"This is {what}. Save the sheet as CSV.", allowed=["text/csv"]
            )


def find_encoding(file: BinaryIO, chosen: str | None) -> FileEncoding:
    """A byte-order mark, else the zeros of UTF-16, else UTF-8 if all of it is; else a guess.

    cp1252 reads any bytes: as a guess it is shown, for a person to look at the accents.
    """
    file.seek(0)
    head = file.read(SNIFFED_BYTES)
    for bom, name in _BOMS:
        if head.startswith(bom) and chosen in (None, name):
            return FileEncoding(name, len(bom), is_guessed=False)
    if chosen is not None:
        return FileEncoding(chosen, 0, is_guessed=False)
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 > len(head):
        return FileEncoding("utf-16-le" if odd > even else "utf-16-be", 0, is_guessed=True)
    return _utf8_or_guess(file)


def _utf8_or_guess(file: BinaryIO) -> FileEncoding:
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while chunk := file.read(SCANNED_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return FileEncoding("cp1252", 0, is_guessed=True)
    return FileEncoding("utf-8", 0, is_guessed=False)


def _lines(file: BinaryIO, encoding: FileEncoding) -> Iterator[str]:
    file.seek(encoding.bom_bytes)
    # cp1252 leaves five bytes unassigned; one of them must not stop a million rows.
    text = io.TextIOWrapper(file, encoding.name, errors="replace", newline="")
    try:
        while line := text.readline(RECORD_CHARACTERS_MAX + 1):
            if len(line) > RECORD_CHARACTERS_MAX:
                raise FileProblem(
                    "line_too_long", "a line without end", limit_characters=RECORD_CHARACTERS_MAX
                )
            yield line
    finally:
        # Or collecting the wrapper would close the file that others go on reading.
        if not file.closed:
            text.detach()


def read_records(
    file: BinaryIO, encoding: FileEncoding, delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    """(line, cells); `line` counts records as a spreadsheet counts rows, blank ones included.

    Raises FileProblem `csv_unclosed_quote`, `csv_quote`, `cell_too_long`, `line_too_long`.
    """
    reader = csv.reader(_lines(file, encoding), delimiter=delimiter, strict=True)
    line = 0
    while True:
        started = reader.line_num
        line += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _csv_problem(str(error), line, reader.line_num - started) from error
        except FileProblem as problem:
            problem.facts["line"] = line
            raise
        yield line, cells


def _csv_problem(said: str, line: int, lines_swallowed: int) -> FileProblem:
    # A quote that is never closed swallows the rest of the file, up to the reader's own limit.
    if "unexpected end" in said or ("field larger" in said and lines_swallowed > 1):
        return FileProblem("csv_unclosed_quote", "a quote is opened and never closed", line=line)
    if "field larger" in said:
        return FileProblem(
            "cell_too_long",
            "a cell is too long",
            line=line,
            limit_characters=csv.field_size_limit(),
        )
    if lines_swallowed > 1:
        return FileProblem("csv_unclosed_quote", "a quote is closed on another line", line=line)
    return FileProblem("csv_quote", "text stands after a closing quote", line=line)


def find_delimiter(file: BinaryIO, encoding: FileEncoding) -> str:
    """The separator that cuts the first records into the most equally many cells."""
    best, best_score = ",", (0, 0)
    for delimiter in DELIMITERS:
        widths: Counter[int] = Counter()
        try:
            for line, cells in read_records(file, encoding, delimiter):
                widths[len(cells)] += 1
                if line >= SNIFFED_RECORDS:
                    break
        except FileProblem:
            pass  # the real reading says it, with the line
        width, agreeing = max(
            ((w, n) for w, n in widths.items() if w > 1), key=lambda item: item[1], default=(0, 0)
        )
        if (agreeing, width) > best_score:
            best, best_score = delimiter, (agreeing, width)
    return best


def check_header(cells: list[str]) -> list[str]:
    """The columns' names, trailing nameless ones cut. Raises FileProblem."""
    names = [cell.replace("\x00", "").strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise FileProblem("empty_file", "the first line names no column", line=1)
    if len(names) > COLUMNS_MAX:
        raise FileProblem(
            "too_many_columns", "too many columns", line=1, limit=COLUMNS_MAX, found=len(names)
        )
    seen: set[str] = set()
    for name in names:
        key = " ".join(name.casefold().split())
        if key and key in seen:
            raise FileProblem("duplicate_header", "two columns of one name", line=1, column=name)
        seen.add(key)
    return names
