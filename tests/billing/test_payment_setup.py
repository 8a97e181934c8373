"""Which key may be used where, and what stands for a provider without one."""

import pytest

from backend.billing.payment_setup import setup_of
from backend.billing.payments import close_payments, open_payments, payments
from backend.embedded.doctor import _payments
from backend.kernel.errors import Unavailable
from backend.settings import Settings, SettingsError, load

pytestmark = pytest.mark.anyio
LOCAL = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("given", "is_live"),
    [
        (Settings(stripe_api_key="sk_test_1", stripe_base_url=LOCAL, demo=True), False),
        (Settings(stripe_api_key="rk_test_1"), False),
        (Settings(stripe_api_key="sk_live_1"), True),
        (Settings(stripe_api_key="rk_live_1"), True),
    ],
)
def test_a_key_names_its_mode(given: Settings, is_live: bool) -> None:
    setup = setup_of(given)
    assert setup is not None
    assert setup.is_live is is_live


@pytest.mark.parametrize(
    "given",
    [
        Settings(stripe_api_key="pk_test_1"),
        Settings(stripe_api_key="whsec_1"),
        Settings(stripe_api_key="sk_live_1", demo=True),
        Settings(stripe_api_key="sk_live_1", stripe_base_url=LOCAL),
    ],
)
def test_a_key_that_does_not_belong_stops_the_start(given: Settings) -> None:
    with pytest.raises(SettingsError) as refused:
        setup_of(given)
    assert refused.value.variable == "STRIPE_API_KEY"
    assert given.stripe_api_key not in str(refused.value)
    assert not _payments(given).ok


def test_the_environment_says_it() -> None:
    said = load({"STRIPE_API_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"})
    assert (said.stripe_api_key, said.stripe_webhook_secret) == ("sk_test_1", "whsec_1")
    with pytest.raises(SettingsError):
        load({"CLEARSEND_STRIPE_BASE_URL": "ftp://somewhere"})


async def test_without_a_provider_nobody_pays() -> None:
    open_payments(Settings())
    with pytest.raises(Unavailable) as refused:
        payments()
    assert refused.value.code == "payments_unavailable"
    open_payments(Settings(stripe_api_key="sk_test_1"))
    assert not payments().is_live
    await close_payments()
    await close_payments()


def test_the_doctor_says_who_takes_the_money() -> None:
    own = Settings(database_url="postgresql://login@db/clearsend")
    told = {
        "no money moves": Settings(),
        "cannot buy credits": own,
        "is not set": Settings(stripe_api_key="sk_test_1"),
        "test mode": Settings(stripe_api_key="sk_test_1", stripe_webhook_secret="whsec_1"),
        "live mode": Settings(stripe_api_key="sk_live_1", stripe_webhook_secret="whsec_1"),
    }
    for words, settings in told.items():
        assert words in _payments(settings).says
