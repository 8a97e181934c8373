"""Rows: what is refused by line and column, what is kept as data, who becomes a subscriber."""

import time
from typing import Any

import pytest

from backend.audience.reading.rows import read_attribute
from backend.audience.schemas.people import AttributeCreate, OptOutCreate
from backend.audience.service import applying, contacts, groups, imports, people
from backend.audience.states import AttributeKind
from backend.kernel.errors import InvalidInput, StateConflict
from backend.kernel.principal import MemberRole
from tests.audience.factories import (
    csv_of,
    imported,
    make_subscriber,
    norwegian,
    norwegian_rows,
    parsed,
    problems,
)
from tests.factories import member_of

pytestmark = pytest.mark.anyio
PHONE = "+33612345678"
OTHER = "+33612345679"


async def only_problem(me, cell, **options):
    """The code for one bad cell; a good row beside it goes through."""
    quoted = '"' + cell.replace('"', '""') + '"'
    found = await parsed(me, csv_of("phone,name", f"{quoted},Bad", f"{PHONE},Good"), **options)
    assert (found.rows_ready, found.rows_refused) == (1, 1)
    [(line, column, code)] = await problems(me, found.id)
    assert (line, column) == (2, "phone")
    return code


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param("6.12346E+11", "phone_scientific_notation", id="b16"),
        pytest.param("＋３３６12345678", "phone_invalid_characters", id="b21_fullwidth"),
        pytest.param("+٣٣٦12345678", "phone_invalid_characters", id="b21_arabic"),
        pytest.param("+3361234\u200b5678", "phone_invalid_characters", id="b21_zero_width"),
        pytest.param("+33612345678\u202e", "phone_invalid_characters", id="b21_rlo"),
        pytest.param("+3361234\n5678", "phone_invalid_characters", id="b21_newline"),
        pytest.param("+1800FLOWERS", "phone_letters_not_allowed", id="b22"),
        pytest.param("+33612345678 ext. 9", "phone_extension", id="b23"),
        pytest.param("+33612345678, +33612345679", "phone_multiple", id="b24"),
        pytest.param("+33612345678;phone-context=x", "phone_multiple", id="b24_context"),
        pytest.param("112", "phone_not_sendable", id="b25"),
        pytest.param("3949", "phone_not_sendable", id="b25_short"),
        pytest.param("+99912345678", "phone_not_sendable", id="b25_no_country"),
        pytest.param("+33899123456", "destination_not_allowed", id="b26_premium"),
        pytest.param("+4479111234567", "phone_invalid", id="b28"),
        pytest.param("", "phone_empty", id="empty"),
    ],
)
async def test_b16_b21_to_b28_numbers_are_refused_by_code(me, cell, code):
    assert await only_problem(me, cell) == code


async def test_b15_formulas_are_kept_as_text(me):
    cells = ["=HYPERLINK(1)", "+cmd|' /C calc'!A0", "@SUM(1+1)", "\tx=1", "a\x00b", r"\0"]
    rows = [f"+3361234{5600 + at},{cell}" for at, cell in enumerate(cells)]
    found = await imported(me, csv_of("phone,note", *rows))
    page = await people.list_subscribers(me)
    notes = {item.attributes["note"] for item in page.items}
    assert notes == {"=HYPERLINK(1)", "+cmd|' /C calc'!A0", "@SUM(1+1)", "x=1", "ab", r"\0"}
    assert found.report.notices == {"value_looks_like_formula": 4, "nul_removed": 1}


async def test_b17_one_phone_written_four_ways_is_one_recipient(me):
    rows = ["+33612345678,A", "0033612345678,B", "06 12 34 56 78,C", "+33 6 12 34 56 78,D"]
    content = csv_of("phone,name", *rows)
    found = await parsed(me, content, default_country="FR")
    assert (found.rows_ready, found.duplicates) == (1, 3)
    assert await problems(me, found.id) == [(line, "", "phone_duplicate") for line in (2, 3, 4)]
    page = await imports.list_import_problems(me, found.id)
    assert page.items[0].message == "the number of line 5"
    first = await imported(me, content, default_country="FR", duplicates="first")
    assert (first.subscribers_new, first.duplicates) == (1, 3)
    [person] = (await people.list_subscribers(me)).items
    assert (person.phone, person.name) == ("+33612345678", "A")


async def test_b20_links_templates_and_bidi_are_data_and_flagged(me):
    rows = [f"{PHONE},see https://evil.example", f"{OTHER},{{{{ name }}}}", "+33612345677,a\u202eb"]
    found = await imported(me, csv_of("phone,note", *rows))
    assert found.report.notices == {
        "value_has_link": 1,
        "value_has_template_syntax": 1,
        "value_has_direction_controls": 1,
    }
    notes = {item.attributes["note"] for item in (await people.list_subscribers(me)).items}
    assert notes == {"see https://evil.example", "{{ name }}", "a\u202eb"}


async def test_b23_tel_and_spreadsheet_prefixes_are_taken_off_and_said(me):
    rows = [f"tel:{PHONE}", f"'{OTHER}", '"=""+33612345677"""']
    found = await parsed(me, csv_of("phone", *rows))
    assert found.rows_ready == 3
    assert found.report.notices["tel_prefix_removed"] == 1
    assert found.report.notices["spreadsheet_prefix_removed"] == 2


async def test_b27_bought_ranges_are_flagged_and_real_lists_are_not(me):
    sequential = [f"+47912{n:05d}" for n in range(10_000)]
    found = await parsed(me, csv_of("phone", *sequential))
    assert [(r.prefix, r.numbers) for r in found.report.suspicious_ranges] == [("+479120", 10_000)]
    spread = [norwegian(n) for n in range(0, 200_000, 40)]
    rare = [f"+33612{n:03d}999" for n in range(900)] + [f"+336780{n:05d}" for n in range(600)]
    mixed = await parsed(me, csv_of("phone", *spread, *rare))
    assert [(r.prefix, r.numbers) for r in mixed.report.suspicious_ranges] == [("+3367800", 600)]


async def test_values_are_read_as_their_attributes_kind(me):
    for label, kind in (
        ("Points", AttributeKind.NUMBER),
        ("Born", AttributeKind.DATE),
        ("VIP", AttributeKind.BOOLEAN),
    ):
        await groups.create_attribute(me, AttributeCreate(label=label, kind=kind))
    content = csv_of(
        "phone,points,born,vip", f"{PHONE},1 000.50,24.12.1990,ja", f"{OTHER},many,1990-12-24,no"
    )
    found = await imported(me, content)
    assert await problems(me, found.id) == [(3, "points", "value_invalid")]
    [person] = (await people.list_subscribers(me)).items
    assert person.attributes == {"points": "1000.5", "born": "1990-12-24", "vip": True}


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("1e9999999", None),
        ("1e999999", None),
        ("1e-999999", None),
        ("1e41", None),
        ("NaN", None),
        ("0e99999999", "0"),
        ("-0,00", "0"),
        ("12e3", "12000"),
        ("1234567890123456789012345678901.50", "1234567890123456789012345678901.5"),
    ],
)
def test_a_number_keeps_its_digits_and_grows_no_others(cell, stored):
    if stored is not None:
        assert read_attribute(cell, AttributeKind.NUMBER) == stored
        return
    with pytest.raises(ValueError):
        read_attribute(cell, AttributeKind.NUMBER)


async def test_one_impossible_number_or_moment_is_a_row_refused(me):
    await groups.create_attribute(me, AttributeCreate(label="Points", kind=AttributeKind.NUMBER))
    content = csv_of(
        "phone,points,consent_date",
        f"{PHONE},1e9999999,2025-03-01",
        f"{OTHER},5,0001-01-01T00:00:00+14:00",
        "+33612345677,5,2025-03-01",
    )
    found = await imported(me, content)
    assert found.report.problems == {"value_invalid": 1, "consent_at_invalid": 1}
    assert len((await people.list_subscribers(me)).items) == 1


@pytest.mark.parametrize("piece", ["a-", "[", "a.", "{"])
async def test_long_cells_are_refused_unsearched(me, piece):
    """A search from every letter took minutes for one cell."""
    cell = piece * (100_000 // len(piece))
    began = time.monotonic()
    found = await parsed(me, csv_of("phone,name", f"{PHONE},{cell}", f"{OTHER},Good"))
    assert time.monotonic() - began < 10
    assert (found.rows_ready, found.rows_refused) == (1, 1)
    assert [code for *_, code in await problems(me, found.id)] == ["cell_too_long"]


async def test_optional_fields_are_left_out_with_a_notice_consent_is_not(me):
    header = "phone,email,language,timezone,consent_date"
    good = f"{PHONE},a@b.no,nb_no,Europe/Oslo,2025-03-01"
    odd = f"{OTHER},nonsense,Klingon1,Mars/Base,"
    bad = "+33612345677,,,,next week"
    found = await imported(me, csv_of(header, good, odd, bad))
    assert found.report.problems == {"consent_at_invalid": 1}
    assert found.report.notices == {
        "email_invalid": 1,
        "language_invalid": 1,
        "time_zone_invalid": 1,
    }
    found_people = (await people.list_subscribers(me)).items
    first, second = sorted(found_people, key=lambda person: person.phone)
    assert (first.email, first.language, first.time_zone) == ("a@b.no", "nb-NO", "Europe/Oslo")
    assert first.consent_source == "import"
    assert first.consent_at is not None
    assert first.consent_at.isoformat() == "2025-03-01T00:00:00+00:00"
    assert (second.email, second.consent_at) == (None, None)


async def test_existing_subscribers_gain_what_the_file_adds(me):
    await groups.create_attribute(me, AttributeCreate(label="City"))
    old = await make_subscriber(me, PHONE, name="Old", attributes={"city": "Paris"})
    content = csv_of("phone,name,Plan", f"{PHONE},,gold", f"{OTHER},New,")
    found = await imported(me, content, consent_source="web form", new_group="Gold")
    assert (found.subscribers_new, found.subscribers_updated) == (1, 1)
    assert found.report.existing == 1
    now = await people.read_subscriber(me, old.id)
    assert (now.name, now.attributes) == ("Old", {"city": "Paris", "plan": "gold"})
    assert (now.consent_source, now.version) == ("web form", 2)
    assert now.group_ids == [found.options.group_id]
    assert (await groups.read_group(me, found.options.group_id)).subscribers == 2


async def test_an_import_never_lifts_an_opt_out(me):
    await contacts.create_opt_out(me, OptOutCreate(phone=PHONE, evidence="by telephone"))
    found = await imported(me, csv_of("phone", PHONE), consent_source="web form")
    assert found.report.opted_out == 1
    [person] = (await people.list_subscribers(me)).items
    assert person.is_opted_out


async def test_accept_twice_discard_after_and_nothing_to_accept(me):
    found = await imported(me, csv_of("phone", PHONE))
    for move in (imports.accept_import, imports.discard_import):
        with pytest.raises(StateConflict) as refused:
            await move(me, found.id)
        assert refused.value.code == "import_accepted"
    await applying.apply_import(me.tenant_id, found.id)
    assert len((await people.list_subscribers(me)).items) == 1
    none = await parsed(me, csv_of("phone,name", "12,x"))
    with pytest.raises(InvalidInput) as empty:
        await imports.accept_import(me, none.id)
    assert empty.value.code == "nothing_to_import"
    assert (await imports.read_import(me, none.id)).state == "parsed"


async def test_discarded_imports_leave_nothing(me, database, files):
    found = await parsed(me, csv_of("phone", PHONE))
    await imports.discard_import(me, found.id)
    await applying.clean_import(me.tenant_id, found.id)
    connection = await database.connect()
    assert await connection.fetchval("SELECT count(*) FROM import_rows") == 0
    await connection.close()
    assert not [path for path in files.rglob("*") if path.is_file()]
    assert (await people.list_subscribers(me)).items == []


async def test_viewers_see_no_number_of_the_file(me):
    found = await parsed(me, csv_of("phone,name", f"{PHONE},A", "12,B"))
    viewer = member_of(me.tenant_id, MemberRole.VIEWER)
    seen: Any = await imports.read_import(viewer, found.id)
    assert [column.samples for column in seen.preview.columns] == [[], []]
    assert (await imports.list_import_problems(viewer, found.id)).items[0].value == "•••"


async def test_twenty_thousand_rows_in_chunks(me, database):
    rows = norwegian_rows(range(20_000))
    found = await imported(
        me, csv_of("phone,name,shop", *rows), new_group="All", default_country="NO"
    )
    assert (found.rows_read, found.subscribers_new, found.rows_refused) == (20_000, 20_000, 0)
    assert (await groups.read_group(me, found.options.group_id)).subscribers == 20_000
    connection = await database.connect()
    assert await connection.fetchval("SELECT count(*) FROM import_rows") == 0
    await connection.close()
