"""Files that go wrong as a whole, or look as if they did: B13, B14, B18, B19."""

import gzip
import io
import zipfile
from typing import Any

import pytest

from backend.audience.service import imports, parsing
from backend.kernel.errors import InvalidInput, NotFound, TooLarge, UnsupportedMedia
from tests.audience.factories import csv_of, form, imported, options_of, parsed, problems, upload
from tests.factories import make_tenant, member_of

pytestmark = pytest.mark.anyio
PHONE = "+4791234567"
OTHER = "+4791234568"


async def failure(me, content, **options):
    found = await parsed(me, content, **options)
    assert found.state == "failed"
    return found.report.failure


async def test_an_import_from_upload_to_subscribers(me):
    content = csv_of(
        "Mobil;fname;Kommentar", f"{PHONE};Ingrid;vip", "912 34 568;Élise;", "12345;Ola;"
    )
    made = await upload(me, content, default_country="NO", new_group="Friends")
    assert made.state == "uploaded"
    assert made.options.group_id is not None
    await parsing.parse_import(me.tenant_id, made.id)
    seen: Any = await imports.read_import(me, made.id)
    assert seen.preview.delimiter == ";"
    assert [(c.column, c.target, c.is_guess) for c in seen.preview.columns] == [
        ("Mobil", "phone", False),
        ("fname", "attribute:First name", True),
        ("Kommentar", "attribute:Kommentar", False),
    ]
    assert seen.preview.columns[1].samples == ["Ingrid", "Élise", "Ola"]
    assert (seen.rows_read, seen.rows_ready, seen.rows_refused) == (3, 2, 1)
    assert await problems(me, made.id) == [(4, "Mobil", "phone_not_sendable")]


async def test_b13_delimiters_are_found(me):
    for delimiter in (",", ";", "\t", "|"):
        line = delimiter.join
        content = csv_of(line(["phone", "name"]), line([PHONE, "A"]), line([OTHER, "B"]))
        found = await parsed(me, content)
        assert (found.state, found.preview.delimiter) == ("parsed", delimiter)
        assert found.rows_ready == 2


async def test_b13_utf16_with_and_without_its_mark(me):
    text = f"phone,name\r\n{PHONE},Élise\r\n"
    marked = await parsed(me, text.encode("utf-16"))
    assert (marked.preview.encoding, marked.preview.is_encoding_guessed) == ("utf-16-le", False)
    bare = await parsed(me, text.encode("utf-16-be"))
    assert (bare.preview.encoding, bare.preview.is_encoding_guessed) == ("utf-16-be", True)
    assert bare.preview.columns[1].samples == ["Élise"]


async def test_b13_latin1_accents_are_a_guess_a_person_confirms(me):
    content = csv_of("phone,name", f"{PHONE},Élise", encoding="cp1252")
    found = await parsed(me, content)
    assert (found.preview.encoding, found.preview.is_encoding_guessed) == ("cp1252", True)
    assert found.preview.columns[1].samples == ["Élise"]
    again = await imports.remap_import(me, found.id, options_of(encoding="cp1252"))
    assert again.state == "uploaded"
    await parsing.parse_import(me.tenant_id, found.id)
    confirmed: Any = await imports.read_import(me, found.id)
    assert (confirmed.state, confirmed.preview.is_encoding_guessed) == ("parsed", False)
    assert confirmed.rows_ready == 1


async def test_b13_a_utf8_mark_is_no_part_of_the_header(me):
    found = await parsed(me, b"\xef\xbb\xbf" + csv_of("phone", PHONE))
    assert (found.state, found.preview.encoding) == ("parsed", "utf-8")


async def test_b13_mixed_newlines(me):
    found = await parsed(me, f"phone,name\n{PHONE},A\r\n{OTHER},B\r+4791234569,C".encode())
    assert (found.state, found.rows_ready) == ("parsed", 3)


async def test_b13_an_unclosed_quote_names_its_line(me):
    rows = [f"+479{1000000 + n},x" for n in range(9997)]
    content = csv_of("phone,name", *rows, f'{PHONE},"Anna', *(f"+4792{n:06d},y" for n in range(50)))
    found = await failure(me, content)
    assert (found.code, found.line) == ("csv_unclosed_quote", 9999)
    long = csv_of("phone,name", f'{PHONE},"Anna', *(f"+4792{n:06d},y" for n in range(20_000)))
    found = await failure(me, long)
    assert (found.code, found.line) == ("csv_unclosed_quote", 2)


async def test_b14_no_phone_column(me):
    found = await failure(me, csv_of("name,city", "Anna,Oslo"))
    assert (found.code, found.column, found.line) == ("missing_column", "phone", 1)


async def test_b14_a_mapped_column_that_is_not_there(me):
    mapping = {"Mobil": "phone", "City": "attribute:City"}
    found = await failure(me, csv_of("Mobil,Town", f"{PHONE},Oslo"), mapping=mapping)
    assert (found.code, found.column) == ("missing_column", "City")


async def test_b14_a_phone_column_of_any_name_is_found_by_its_cells(me):
    found = await parsed(me, csv_of("x,y", f"Anna,{PHONE}", f"Ola,{OTHER}"))
    assert [(c.target, c.is_guess) for c in found.preview.columns][1] == ("phone", True)
    assert found.rows_ready == 2


async def test_b14_duplicate_header(me):
    found = await failure(me, csv_of("phone,Name,NAME", f"{PHONE},a,b"))
    assert (found.code, found.column) == ("duplicate_header", "NAME")


async def test_b14_too_many_columns(me):
    header = ",".join(["phone", *(f"c{n}" for n in range(4999))])
    found = await failure(me, csv_of(header, PHONE))
    assert (found.code, found.facts) == ("too_many_columns", {"limit": 256, "found": 5000})


async def test_b14_a_header_with_a_formula_is_left_out(me):
    found = await imported(me, csv_of("phone,=HYPERLINK(1)", f"{PHONE},x"))
    assert found.preview.columns[1].target == "ignore"
    assert found.subscribers_new == 1


@pytest.mark.parametrize("kind", ["zip", "gzip", "xls", "pdf"])
async def test_b18_archives_and_workbooks_whatever_their_name(me, files, kind):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "x")
    content = {
        "zip": packed.getvalue(),
        "gzip": gzip.compress(b"phone\n"),
        "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "pdf": b"%PDF-1.7\n",
    }[kind]
    with pytest.raises(UnsupportedMedia):
        await upload(me, content)
    assert not [path for path in files.rglob("*") if path.is_file()]


async def test_b18_too_many_bytes(me, files, monkeypatch):
    monkeypatch.setattr(imports, "IMPORT_FILE_BYTES_MAX", 50_000)
    with pytest.raises(TooLarge) as refused:
        await upload(me, b"phone\n" + b"x" * 100_000)
    assert refused.value.code == "file_too_large"
    assert not [path for path in files.rglob("*") if path.is_file()]


async def test_b18_too_many_rows(me, monkeypatch):
    monkeypatch.setattr(parsing, "ROWS_MAX", 100)
    found = await failure(me, csv_of("phone", *(f"+4791{n:06d}" for n in range(101))))
    assert (found.code, found.line, found.facts) == ("too_many_rows", 102, {"limit": 100})


async def test_b19_ragged_rows_are_refused_by_line(me):
    content = csv_of("phone,name", PHONE, f"{OTHER},B", "+4791234569,C,D", "+4791234570,E,,")
    found = await parsed(me, content)
    assert await problems(me, found.id) == [(2, "", "row_length"), (4, "", "row_length")]
    assert found.rows_ready == 2


async def test_b19_empty_files(me):
    for content in (b"", b"\r\n\r\n", b"\xef\xbb\xbf"):
        with pytest.raises(InvalidInput) as refused:
            await upload(me, content)
        assert refused.value.code == "empty_file"
    assert (await failure(me, csv_of("phone,name"))).code == "empty_file"


async def test_b19_a_cell_of_64_kb(me):
    found = await parsed(me, csv_of("phone,note", f"{PHONE},{'x' * 65_536}", f"{OTHER},y"))
    assert await problems(me, found.id) == [(2, "note", "cell_too_long")]
    whole = await failure(me, csv_of("phone,note", f"{PHONE},{'x' * 200_000}"))
    assert (whole.code, whole.line) == ("cell_too_long", 2)


async def test_blank_lines_count_as_a_spreadsheet_counts_them(me):
    found = await parsed(me, csv_of("phone,name", "", f"{PHONE},A", ",", "12,B"))
    assert await problems(me, found.id) == [(5, "phone", "phone_not_sendable")]
    assert found.rows_read == 2


async def test_wrong_options_are_said_at_once(me):
    with pytest.raises(InvalidInput) as refused:
        await upload(me, csv_of("phone", PHONE), mapping={"phone": "telephone"})
    assert refused.value.code == "invalid_mapping"
    with pytest.raises(InvalidInput):
        await imports.upload_import(me, form(b"phone\n", {"colour": "red"}))
    stranger = member_of(await make_tenant())
    made = await upload(me, csv_of("phone", PHONE))
    with pytest.raises(NotFound):
        await imports.read_import(stranger, made.id)
