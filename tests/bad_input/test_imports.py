"""B13-B28 over HTTP: a file is uploaded, read, reported by line and column; nothing of it becomes a
subscriber before the report is accepted, and nothing at all of what is refused.
"""

import pytest

from tests.bad_input.asking import PHONE, Rows, csv_of, refused

pytestmark = pytest.mark.anyio
OTHER = "+4791234568"


async def failure(rows: Rows, content: bytes) -> tuple[str, int | None]:
    """Why the file as a whole cannot be read, at which line; nobody became a subscriber."""
    found = await rows.report(content)
    assert found["state"] == "failed", found
    assert found["rows_ready"] == 0
    answer = await rows.owner.post(f"/v1/imports/{found['id']}/accept")
    refused(answer, 409, "import_failed")
    why = found["report"]["failure"]
    return why["code"], why["line"]


async def only_problem(rows: Rows, cell: str, **options: str) -> str:
    """The code for one bad cell; the good row beside it goes through."""
    quoted = '"' + cell.replace('"', '""') + '"'
    found = await rows.report(csv_of("phone,name", f"{quoted},Bad", f"{PHONE},Good"), **options)
    assert (found["rows_ready"], found["rows_refused"]) == (1, 1), found
    [(line, column, code, _)] = await rows.problems(found)
    assert (line, column) == (2, "phone")
    return code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
async def test_b13_separators_and_encodings(rows: Rows, encoding: str, separator: str):
    lines = (separator.join(cells) for cells in (("phone", "name"), (PHONE, "Åse"), (OTHER, "Ola")))
    found = await rows.report("\r\n".join([*lines, ""]).encode(encoding))
    assert (found["state"], found["rows_ready"]) == ("parsed", 2)
    assert found["preview"]["delimiter"] == separator
    assert found["preview"]["is_encoding_guessed"] is (encoding == "cp1252")


async def test_b13_an_unclosed_quote_names_its_line(rows: Rows):
    lines = [f"+4791{at:06},x" for at in range(9_997)]
    code, line = await failure(rows, csv_of("phone,name", *lines, f'{PHONE},"open'))
    assert (code, line) == ("csv_unclosed_quote", 9_999)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"name,city\r\nAda,Oslo\r\n", "missing_column"),
        (b"phone,name,name\r\n+4791234567,a,b\r\n", "duplicate_header"),
        (b"phone" + b",c" * 5_000 + b"\r\n+4791234567\r\n", "too_many_columns"),
    ],
)
async def test_b14_headers(rows: Rows, content: bytes, code: str):
    assert (await failure(rows, content))[0] == code


async def test_b15_formulas_are_text_here_and_harmless_outside(rows: Rows):
    cells = ["=HYPERLINK(1)", "+cmd|' /C calc'!A0", "@SUM(1+1)", "\tx=1", r"\0"]
    lines = [f"+479123{5600 + at},{cell}" for at, cell in enumerate(cells)]
    found = await rows.report(csv_of("phone,note", *lines))
    assert found["report"]["notices"]["value_looks_like_formula"] == 4
    await rows.accept(found)
    people = (await rows.owner.get("/v1/subscribers?limit=200")).json()["items"]
    notes = {one["attributes"]["note"] for one in people if "note" in one["attributes"]}
    assert notes == {cell.strip() for cell in cells}


async def test_b16_what_a_spreadsheet_rounded(rows: Rows):
    found = await rows.report(csv_of("phone,name", "6.12346E+11,Bad", f"{PHONE},Good"))
    page = (await rows.owner.get(f"/v1/imports/{found['id']}/problems")).json()["items"]
    [problem] = page
    assert (problem["code"], problem["line"]) == ("phone_scientific_notation", 2)
    assert "text" in problem["message"]


async def test_b17_one_number_written_four_ways(rows: Rows):
    lines = ["+33612345678,A", "0033612345678,B", "06 12 34 56 78,C", "+33 6 12 34 56 78,D"]
    found = await rows.report(csv_of("phone,name", *lines), default_country="FR")
    assert (found["rows_ready"], found["duplicates"]) == (1, 3)
    assert [(line, code) for line, _, code, _ in await rows.problems(found)] == [
        (line, "phone_duplicate") for line in (2, 3, 4)
    ]


async def test_b18_archives_and_workbooks(rows: Rows):
    async with rows.nothing_written():
        for magic in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b\x08"):
            answer = await rows.upload(magic + bytes(500), name="people.csv")
            refused(answer, 415, "unsupported_media_type")


async def test_b19_header_only_and_a_giant_cell(rows: Rows):
    assert await failure(rows, b"phone,name\r\n") == ("empty_file", 1)
    found = await rows.report(csv_of("phone,note", f"{PHONE}," + "x" * 65_536))
    assert found["rows_ready"] == 0
    assert [code for _, _, code, _ in await rows.problems(found)] == ["cell_too_long"]
    [(_, _, _, value)] = await rows.problems(found)
    assert len(value) < 200


async def test_b19_empty_and_ragged(rows: Rows):
    async with rows.nothing_written():
        refused(await rows.upload(b""), 422, "empty_file", "/file")
    found = await rows.report(csv_of("phone,name", f"{PHONE},A", f"{OTHER}"))
    assert [(line, code) for line, _, code, _ in await rows.problems(found)] == [(3, "row_length")]


async def test_b20_values_stay_values(rows: Rows):
    """Flagged in the report; in a message they are what was typed, never rendered again."""
    numbers = [f"+47912350{at:02}" for at in range(3)]
    cells = ["see https://evil.example", "{{ name }} [name]", "a\u202eb"]
    lines = [f"{number},X,{cell}" for number, cell in zip(numbers, cells, strict=True)]
    found = await rows.report(csv_of("phone,name,plan", *lines), new_group="Plans")
    assert found["report"]["notices"] == {
        "value_has_link": 1,
        "value_has_template_syntax": 1,
        "value_has_direction_controls": 1,
    }
    await rows.accept(found)
    groups = (await rows.owner.get("/v1/groups")).json()["items"]
    [group_id] = [group["id"] for group in groups if group["name"] == "Plans"]
    path = await rows.draft(body="Plan: [plan]", audience={"group_ids": [group_id]})
    shown = (await rows.owner.post(f"{path}/preview", {"count": 3})).json()
    assert sorted(one["text"] for one in shown) == [
        "Plan: see https://evil.example",
        "Plan: {{ name }} [name]",
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "＋３３６12345678",
        "+٣٣٦12345678",
        "+3361234\u200b5678",
        "+33612345678\u202e",
        "+336\n12345678",
    ],
)
async def test_b21_characters_that_only_look_like_digits(rows: Rows, cell: str):
    assert await only_problem(rows, cell) == "phone_invalid_characters"
    async with rows.nothing_written():
        answer = await rows.owner.post("/v1/subscribers", {"phone": cell})
        refused(answer, 422, "phone_invalid_characters", "/phone")


async def test_b22_letters(rows: Rows):
    assert await only_problem(rows, "+1800FLOWERS") == "phone_letters_not_allowed"
    async with rows.nothing_written():
        answer = await rows.owner.post("/v1/subscribers", {"phone": "+1800FLOWERS"})
        refused(answer, 422, "phone_letters_not_allowed", "/phone")


async def test_b23_prefixes_and_extensions(rows: Rows):
    lines = ["tel:+33612345678", "'+33612345679", '"=""+33612345677"""']
    found = await rows.report(csv_of("phone", *lines))
    assert found["rows_ready"] == 3
    assert found["report"]["notices"] == {
        "tel_prefix_removed": 1,
        "spreadsheet_prefix_removed": 2,
    }
    assert await only_problem(rows, "+33612345678 ext. 9") == "phone_extension"
    async with rows.nothing_written():
        answer = await rows.owner.post("/v1/subscribers", {"phone": "+33612345678 ext. 9"})
        refused(answer, 422, "phone_extension", "/phone")


@pytest.mark.parametrize("cell", ["+33612345678, +33612345679", "+33612345678;phone-context=x"])
async def test_b24_two_numbers(rows: Rows, cell: str):
    assert await only_problem(rows, cell) == "phone_multiple"


@pytest.mark.parametrize("cell", ["112", "3949", "+99912345678"])
async def test_b25_numbers_nothing_can_be_sent_to(rows: Rows, cell: str):
    assert await only_problem(rows, cell) == "phone_not_sendable"


async def test_b26_dear_destinations(rows: Rows):
    """Premium numbers are refused; a country is what its number says, not its calling code: the
    Bahamas are not the United States.
    """
    assert await only_problem(rows, "+33899123456") == "destination_not_allowed"
    found = await rows.report(csv_of("phone", "+12423591234", "+18768123456", "+12015550123"))
    assert found["report"]["countries"] == {"BS": 1, "JM": 1, "US": 1}


async def test_b27_a_bought_range(rows: Rows):
    """Counted and shown to the tenant here, to the moderator with the case."""
    found = await rows.report(csv_of("phone", *(f"+47912{n:05d}" for n in range(10_000))))
    assert found["report"]["suspicious_ranges"] == [{"prefix": "+479120", "numbers": 10_000}]


@pytest.mark.parametrize(
    ("cell", "code"), [("+4479111234567", "phone_invalid"), ("+4722000000", "phone_not_mobile")]
)
async def test_b28_unassigned_and_lines(rows: Rows, cell: str, code: str):
    assert await only_problem(rows, cell) == code
