"""The prepaid unit: a whole number, one per SMS segment."""

from backend.kernel.errors import invalid_field

TRANSFER_CREDITS_MAX = 1_000_000_000_000
"""Of one transfer; far from the 63 bits a balance has."""


def check_credits(
    amount: object, pointer: str = "/amount_credits", *, credits_max: int = TRANSFER_CREDITS_MAX
) -> int:
    """Raises InvalidInput `invalid_amount` for anything but an integer in 1…credits_max."""
    if isinstance(amount, bool) or not isinstance(amount, int) or not 1 <= amount <= credits_max:
        raise invalid_field(
            pointer,
            "invalid_amount",
            f"whole credits from 1 to {credits_max}",
            allowed_min=1,
            allowed_max=credits_max,
        )
    return amount
