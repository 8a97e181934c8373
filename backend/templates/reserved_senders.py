"""Names a tenant may not send under, and what makes two names look alike.

Reserved: brands and authorities that phishing imitates most. Who holds such a name is given it by
staff, after proof; nobody asks for it here.
"""

import re
from typing import Final

PLATFORM_SENDER: Final = "Clearsend"

RESERVED_NAMES: Final = (
    PLATFORM_SENDER,
    # payment and banks
    "PayPal", "Visa", "Mastercard", "Amex", "Klarna", "Stripe", "Revolut", "Vipps", "Swish",
    "MobilePay", "BankID", "HSBC", "Barclays", "Santander", "BNP Paribas", "Nordea", "DNB",
    "Danske Bank", "Swedbank", "ING", "N26", "Wise", "Western Union", "Bank",
    # shops, platforms, phones
    "Amazon", "Apple", "iCloud", "Google", "Microsoft", "Facebook", "Meta", "Instagram",
    "WhatsApp", "Telegram", "Signal", "Netflix", "Spotify", "eBay", "TikTok", "LinkedIn",
    # parcels
    "DHL", "UPS", "FedEx", "USPS", "PostNord", "Posten", "Royal Mail", "La Poste", "Hermes",
    "DPD", "GLS", "Chronopost", "Correos",
    # authorities and emergencies
    "Police", "Polizei", "Politi", "Polis", "Policia", "Gov", "GOV.UK", "HMRC", "IRS", "NHS",
    "Skatteetaten", "Skatteverket", "Finanzamt", "Impots", "Ameli", "ANTAI", "FBI", "Europol",
    "Interpol", "Emergency", "SOS", "112", "911", "999",
)  # fmt: skip

# Longest first: a pair of letters that reads as one comes before the letters themselves.
_LOOK_ALIKE: Final = (
    ("rn", "m"), ("vv", "w"), ("cl", "d"),
    ("0", "o"), ("1", "l"), ("|", "l"), ("!", "l"), ("i", "l"), ("j", "l"),
    ("5", "s"), ("$", "s"), ("3", "e"), ("4", "a"), ("@", "a"), ("8", "b"), ("6", "b"),
    ("7", "t"), ("+", "t"), ("9", "g"), ("2", "z"),
)  # fmt: skip
_SEPARATORS: Final = re.compile(r"[\s._\-&'/]+")

MIN_CONTAINED_CHARACTERS: Final = 4
"""Shorter names ("ING", "UPS") stand inside too many honest words."""


def skeleton_of(folded: str) -> str:
    """Equal for names the eye confuses: `PayPaI`, `Pay-Pal` and `PAYPAL`. Takes folded text."""
    text = _SEPARATORS.sub("", folded.lower())
    for written, read in _LOOK_ALIKE:
        text = text.replace(written, read)
    return text


_BY_SKELETON: Final = {skeleton_of(name): name for name in RESERVED_NAMES}


def reserved_name(skeleton: str) -> str | None:
    """The reserved name that looks the same."""
    return _BY_SKELETON.get(skeleton)


def resembled_name(skeleton: str) -> str | None:
    """The reserved name it holds or misses by one character: a moderator should look."""
    for known, name in _BY_SKELETON.items():
        long = len(known) >= MIN_CONTAINED_CHARACTERS
        if long and (known in skeleton or _one_edit_apart(known, skeleton)):
            return name
    return None


def _one_edit_apart(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    at = next((i for i, letter in enumerate(short) if letter != long[i]), len(short))
    rest = short[at:] if len(short) < len(long) else short[at + 1 :]
    return rest == long[at + 1 :]
