"""Which provider, in which mode: what the environment says about payments."""

from typing import Final

import msgspec

from backend.settings import Settings, SettingsError, variable_of

TEST_KEYS: Final = ("sk_test_", "rk_test_")
LIVE_KEYS: Final = ("sk_live_", "rk_live_")


class PaymentSetup(msgspec.Struct, frozen=True):
    """`base_url`: another address than Stripe's own, which the payment simulator has."""

    api_key: str
    webhook_secret: str
    base_url: str = ""

    @property
    def is_live(self) -> bool:
        return self.api_key.startswith(LIVE_KEYS)


def setup_of(settings: Settings) -> PaymentSetup | None:
    """None without a key. Raises SettingsError for keys that do not belong where they are used."""
    key, base_url = settings.stripe_api_key, settings.stripe_base_url
    if not key:
        return None
    if not key.startswith(TEST_KEYS + LIVE_KEYS):
        raise SettingsError(variable_of("stripe_api_key"), "is no secret key (sk_…, rk_…)")
    setup = PaymentSetup(key, settings.stripe_webhook_secret, base_url)
    if setup.is_live and (base_url or settings.demo):
        raise SettingsError(
            variable_of("stripe_api_key"), "is a live key: not in demo mode, not elsewhere"
        )
    return setup
