"""Who buys and who sells: VAT ids checked honestly, entities that documents can rest on."""

import json
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import msgspec
import pytest

from backend.billing.schemas.profiles import LegalEntityUpdate, TermsUpdate, VatRateCreate
from backend.billing.service import profiles, taxes
from backend.billing.states import Terms, VatState
from backend.billing.vat_numbers import normal_vat_id
from backend.billing.vat_register import (
    VIES_URL,
    Vies,
    register_of,
    use_vat_register,
    vat_register,
)
from backend.kernel import clock
from backend.kernel.errors import Conflict, InvalidInput, NotFound, Unavailable
from backend.kernel.principal import StaffRole
from tests.billing.factories import VAT_IDS, FakeRegister, make_profile, profile_input
from tests.factories import make_tenant, member_of, staff

pytestmark = pytest.mark.anyio


@pytest.fixture
def register():
    """Chooses a register for one test."""
    yield use_vat_register
    use_vat_register(None)


@pytest.mark.parametrize(
    ("given", "country", "kept", "state"),
    [
        (None, "DE", None, "none"),
        ("  ", "DE", None, "none"),
        ("de 136.695 976", "DE", "DE136695976", "format_valid"),
        ("136695976", "DE", "DE136695976", "format_valid"),
        ("GR 094259216", "GR", "EL094259216", "format_valid"),
        ("EL094259216", "GR", "EL094259216", "format_valid"),
        ("NO 974 760 673 MVA", "NO", "NO974760673MVA", "not_checkable"),
        ("GB 980 780 684", "GB", "GB980780684", "not_checkable"),
    ],
)
def test_how_an_id_is_kept(given, country, kept, state):
    assert normal_vat_id(given, country) == (kept, VatState(state))


@pytest.mark.parametrize(
    ("given", "country"),
    [
        ("DE136695975", "DE"),
        ("DE12", "DE"),
        ("FR40303265045", "DE"),
        ("x", "NO"),
        ("ПДВ", "NO"),
        ("٣٤٥", "DE"),
    ],
)
def test_an_id_that_cannot_be(given, country):
    with pytest.raises(InvalidInput, match="vat_id_invalid"):
        normal_vat_id(given, country)


async def test_a_profile_is_saved_over_the_version_that_was_read(database):
    tenant = await make_tenant()
    owner = member_of(tenant)
    with pytest.raises(NotFound, match="billing_profile_absent"):
        await profiles.read_billing_profile(owner)
    first = await make_profile(tenant)
    assert first.version == 1
    assert await profiles.read_billing_profile(owner) == first
    for stale in (0, 7):
        with pytest.raises(Conflict, match="billing_profile_changed"):
            await profiles.save_billing_profile(owner, profile_input(version=stale))
    again = await profiles.save_billing_profile(owner, profile_input(version=1, city="Bergen"))
    assert (again.version, again.city) == (2, "Bergen")
    clerk = staff(StaffRole.FINANCE)
    assert await profiles.read_tenant_billing_profile(clerk, tenant) == again


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"currency": "USD"}, "currency_not_priced"),
        ({"country": "DE", "vat_id": "DE1"}, "vat_id_invalid"),
        ({"email": "no address"}, "email_invalid"),
    ],
)
async def test_what_no_profile_can_be(database, changed, code):
    owner = member_of(await make_tenant())
    with pytest.raises(InvalidInput, match=code):
        await profiles.save_billing_profile(owner, profile_input(**changed))


@pytest.mark.parametrize("name", ["", "   ", "a\x00b", "a\nb", "a￿b", "x" * 201])
def test_a_name_that_no_document_can_carry(name):
    with pytest.raises(msgspec.ValidationError):
        profile_input(company_name=name)


async def test_the_register_is_asked_until_it_answers(database, register):
    tenant = await make_tenant()
    owner = member_of(tenant)
    asked = FakeRegister(None, True)
    register(asked)
    made = await make_profile(tenant, country="DE", vat_id=VAT_IDS["DE"])
    assert made.vat_state is VatState.FORMAT_VALID
    assert not await profiles.check_vat_id(tenant)
    kept = await profiles.read_billing_profile(owner)
    assert (kept.vat_state, kept.vat_checked_at) == (VatState.FORMAT_VALID, None)
    assert not await profiles.check_vat_id(tenant), "put off: not due yet"
    assert len(asked.asked) == 1
    clock.set_offset(timedelta(minutes=profiles.VAT_RETRY_MINUTES + 1))
    assert not await profiles.check_due_vat_ids()
    found = await profiles.read_billing_profile(owner)
    assert (found.vat_state, found.vat_check_reference) == (VatState.CONFIRMED, "WAPIAAAA")
    assert asked.asked[-1] == (VAT_IDS["DE"], "IE1234567T")
    # Another city is no other business; another id is.
    moved = await profiles.save_billing_profile(
        owner, profile_input(version=1, country="DE", vat_id=VAT_IDS["DE"], city="Kiel")
    )
    assert moved.vat_state is VatState.CONFIRMED
    other = await profiles.save_billing_profile(
        owner, profile_input(version=2, country="FR", vat_id=VAT_IDS["FR"])
    )
    assert (other.vat_state, other.vat_checked_at) == (VatState.FORMAT_VALID, None)


async def test_what_was_confirmed_is_asked_again_after_a_month(database, register):
    tenant = await make_tenant()
    register(FakeRegister(True, False))
    await make_profile(tenant, country="DE", vat_id=VAT_IDS["DE"])
    assert await profiles.check_vat_id(tenant)
    clock.set_offset(timedelta(days=profiles.VAT_RECHECK_DAYS, minutes=1))
    assert await profiles.check_vat_id(tenant)
    found = await profiles.read_billing_profile(member_of(tenant))
    assert found.vat_state is VatState.UNKNOWN_TO_REGISTER


async def test_without_a_register_nothing_is_claimed(database, register):
    tenant = await make_tenant()
    register(None)
    await make_profile(tenant, country="DE", vat_id=VAT_IDS["DE"])
    assert not await profiles.check_vat_id(tenant)
    found = await profiles.read_billing_profile(member_of(tenant))
    assert found.vat_state is VatState.FORMAT_VALID
    assert not await profiles.check_vat_id(await make_tenant())


async def test_terms_are_finances_to_set(database):
    tenant, clerk = await make_tenant(), staff(StaffRole.FINANCE)
    asked = TermsUpdate(terms=Terms.POSTPAID, reason="contract 12")
    with pytest.raises(Conflict, match="billing_profile_required"):
        await profiles.set_billing_terms(clerk, tenant, asked)
    await make_profile(tenant)
    found = await profiles.set_billing_terms(clerk, tenant, asked)
    assert profiles.is_postpaid(found)
    back = await profiles.set_billing_terms(
        clerk, tenant, TermsUpdate(terms=Terms.PREPAID, reason="contract ended")
    )
    assert back.terms is Terms.PREPAID


def entity_input(**changed: object) -> LegalEntityUpdate:
    body = {
        "version": 0,
        "name": "Clearsend Norge AS",
        "address_lines": ["Karl Johans gate 1"],
        "postal_code": "0154",
        "city": "Oslo",
        "country": "NO",
        "vat_id": "NO974760673MVA",
        "email": "faktura@clearsend.example",
        "currency": "EUR",
        "time_zone": "Europe/Oslo",
        "invoice_prefix": "F",
        "receipt_prefix": "K",
        "credit_note_prefix": "KN",
    }
    return msgspec.convert(body | changed, LegalEntityUpdate)


async def test_the_operator_says_who_sells(database):
    clerk = staff(StaffRole.FINANCE)
    (specimen,) = await taxes.list_legal_entities(clerk)
    assert specimen.is_specimen
    mine = await taxes.update_legal_entity(clerk, "default", entity_input())
    assert (mine.is_specimen, mine.version) == (False, 1)
    with pytest.raises(Conflict, match="legal_entity_changed"):
        await taxes.update_legal_entity(clerk, "default", entity_input())
    for code in ("nobody", "../x", "a\x00"):
        with pytest.raises(NotFound):
            await taxes.update_legal_entity(clerk, code, entity_input())


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone_unknown"),
        ({"currency": "XXX"}, "currency_unknown"),
        ({"receipt_prefix": "F"}, "prefixes_equal"),
        ({"country": "DE", "vat_id": "DE1"}, "vat_id_invalid"),
    ],
)
async def test_who_cannot_sell(database, changed, code):
    with pytest.raises(InvalidInput, match=code):
        await taxes.update_legal_entity(
            staff(StaffRole.FINANCE), "default", entity_input(**changed)
        )


async def test_a_rate_counts_from_its_day_and_never_changes(database):
    clerk = staff(StaffRole.FINANCE)
    rate = msgspec.convert({"effective_from": "2034-01-01", "rate_permille": 240}, VatRateCreate)
    found = await taxes.add_vat_rate(clerk, "default", rate)
    assert [each.rate_permille for each in found.rates] == [240, 230]
    with pytest.raises(Conflict, match="vat_rate_exists"):
        await taxes.add_vat_rate(clerk, "default", rate)
    past = msgspec.convert({"effective_from": "2020-01-01", "rate_permille": 1}, VatRateCreate)
    with pytest.raises(InvalidInput, match="effective_from_past"):
        await taxes.add_vat_rate(clerk, "default", past)


class _Register(BaseHTTPRequestHandler):
    """Speaks as the EU's register does: refusals come with status 200 as well."""

    answers: list[tuple[int, object]] = []
    asked: list[tuple[str, object]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.asked.append((self.path, json.loads(body)))
        status, answer = self.answers.pop(0)
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Quiet."""


async def test_the_register_of_the_union_over_http():
    server = HTTPServer(("127.0.0.1", 0), _Register)
    thread = Thread(target=server.serve_forever)
    thread.start()
    vies = Vies(f"http://127.0.0.1:{server.server_port}/rest-api/")
    busy = {"actionSucceed": False, "errorWrappers": [{"error": "MS_MAX_CONCURRENT_REQ"}]}
    _Register.answers[:] = [
        (200, {"countryCode": "DE", "valid": True, "requestIdentifier": "WAPI1", "name": "---"}),
        (200, {"valid": False, "requestIdentifier": ""}),
        (200, busy),
        (500, {}),
        (200, b"<html>"),
        (200, {}),
        (200, b"[" + b" " * 200_000 + b"]"),
    ]
    try:
        first = await vies.check("DE136695976", "IE1234567T")
        assert (first.is_valid, first.reference) == (True, "WAPI1")
        assert not (await vies.check("EL094259216", None)).is_valid
        for _ in range(5):
            with pytest.raises(Unavailable, match="vat_register_unavailable"):
                await vies.check("DE136695976", None)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert _Register.asked[:2] == [
        (
            "/rest-api/check-vat-number",
            {
                "countryCode": "DE",
                "vatNumber": "136695976",
                "requesterMemberStateCode": "IE",
                "requesterNumber": "1234567T",
            },
        ),
        ("/rest-api/check-vat-number", {"countryCode": "EL", "vatNumber": "094259216"}),
    ]
    with pytest.raises(Unavailable, match="vat_register_unavailable"):
        await vies.check("DE136695976", None)  # nobody listens there any more


def test_which_register_is_asked(register):
    assert register_of("off", is_demo=False) is None
    assert register_of("", is_demo=True) is None
    found = register_of("", is_demo=False)
    assert isinstance(found, Vies)
    assert found.url == VIES_URL
    register(found)
    assert vat_register() is found
