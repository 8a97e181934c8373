"""Who is asked about payments: one provider per process, reached when somebody first asks."""

import logging
from typing import TYPE_CHECKING

from backend.billing.payment_setup import PaymentSetup, setup_of
from backend.kernel.errors import Unavailable
from backend.settings import Settings

if TYPE_CHECKING:
    from backend.billing.payment_client import Payments

_setups: list[PaymentSetup] = []
_payments: "list[Payments]" = []


def use_payments(chosen: "Payments | None") -> None:
    """One made already, of the loop that will call; `None` for no provider."""
    _setups.clear()
    _payments[:] = [chosen] if chosen else []


def payments() -> "Payments":
    """To be asked on the loop that will call. Raises Unavailable `payments_unavailable` where this
    installation has no provider.
    """
    if not _payments:
        if not _setups:
            raise Unavailable("payments_unavailable", "no payment provider is set up")
        # The provider's library takes a quarter second to import, in each of ten processes.
        from backend.billing.payment_client import Payments  # noqa: PLC0415 - see above

        _payments.append(Payments(_setups[0]))
    return _payments[0]


def open_payments(settings: Settings) -> None:
    """Raises SettingsError for a key that does not belong where it is used."""
    # Each call would write three lines at INFO; what went wrong is said by the error.
    for library in ("stripe", "httpx"):
        logging.getLogger(library).setLevel(logging.WARNING)
    setup = setup_of(settings)
    use_payments(None)
    if setup:
        _setups.append(setup)


async def close_payments() -> None:
    _setups.clear()
    if _payments:
        await _payments.pop().close()
