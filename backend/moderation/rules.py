"""The content rules: pure, deterministic, each with an id. A rule blocks only if it says so.

The same rules read the fixed text of a template, every text of a dry run, and again every text
that is about to leave.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from backend.moderation.schemas.screening import Severity
from backend.sms.links import Link, LinkFlag, canonical_host

CAPITALS_LETTERS_MIN: Final = 20
CAPITALS_PERCENT_MAX: Final = 70
UNUSUAL_SIZE_TIMES: Final = 5
UNUSUAL_SIZE_RECIPIENTS_MIN: Final = 500


class RuleText(NamedTuple):
    severity: Severity
    message: str


INFO, FLAG, BLOCK = Severity.INFO, Severity.FLAG, Severity.BLOCK

RULES: Final[dict[str, RuleText]] = {
    # Links
    "url_shortener_not_allowed": RuleText(
        BLOCK, "A public link shortener hides where the link leads. Use the full address."
    ),
    "host_blocked": RuleText(BLOCK, "This host is on the list of hosts nobody may send."),
    "url_scheme_not_allowed": RuleText(BLOCK, "Only links that begin with http or https are sent."),
    "url_user_not_allowed": RuleText(
        BLOCK, "A link with a user name before @ shows another host than the one it opens."
    ),
    "url_address_not_allowed": RuleText(
        BLOCK, "A link to a bare number (IP address) says nothing about whom it belongs to."
    ),
    "url_hidden_characters": RuleText(BLOCK, "The link holds characters that nobody can see."),
    "bare_address": RuleText(FLAG, "A bare IP address, which handsets turn into a link."),
    "host_punycode": RuleText(FLAG, "The host is written in other than Latin letters."),
    "host_mixed_script": RuleText(FLAG, "The host mixes alphabets whose letters look alike."),
    "host_lookalike": RuleText(FLAG, "The host looks like a well-known name."),
    "host_disguised": RuleText(FLAG, "A host is written so that programs do not see it."),
    "link_in_data": RuleText(
        FLAG, "A link comes from the recipients' data, not from the written text."
    ),
    "host_new": RuleText(FLAG, "No person has approved this host for the tenant before."),
    # Texts
    "no_opt_out": RuleText(INFO, "The text does not say how to stop these messages."),
    "all_capitals": RuleText(INFO, "The text shouts: most of it is in capitals."),
    "empty_field": RuleText(INFO, "A value is empty and leaves a hole in the text."),
    # The submission
    "sender_lookalike": RuleText(FLAG, "The sender looks like a well-known name."),
    "unusual_size": RuleText(FLAG, "Far more recipients than this tenant ever had approved."),
    "too_many_hosts": RuleText(FLAG, "More link hosts than a person can look at."),
    "first_submission": RuleText(INFO, "The tenant's first submission."),
}
LINK_RULES: Final = frozenset(rule for rule in RULES if rule.startswith(("url_", "host_", "bare_")))
_POINTS: Final = {INFO: 3, FLAG: 20, BLOCK: 60}
SCORE_MAX: Final = 100

_BY_FLAG: Final = (
    (LinkFlag.SHORTENER, "url_shortener_not_allowed"),
    (LinkFlag.BAD_SCHEME, "url_scheme_not_allowed"),
    (LinkFlag.USERINFO, "url_user_not_allowed"),
    (LinkFlag.ZERO_WIDTH, "url_hidden_characters"),
    (LinkFlag.MIXED_SCRIPT, "host_mixed_script"),
    (LinkFlag.PUNYCODE, "host_punycode"),
    (LinkFlag.DISGUISED, "host_disguised"),
)
_OPT_OUT: Final = re.compile(
    r"\b(?:stop|stopp|opt[ -]?out|unsubscribe|avmeld|meld\s+deg\s+av|avregistrer|afmeld|abmelden"
    r"|abbestellen|désabonner|desabonner|desinscrire|désinscrire|baja|cancelar|annulla|disiscri"
    r"|rezygn|wypisz|peru|avsluta|arret|arrêt|uitschrijven)",
    re.IGNORECASE,
)
_HOLE: Final = re.compile(r"\S {2,}\S|\w [,.!](?:\s|$)|\( *\)|^ *[,.!]", re.MULTILINE)
# Letters and digits that stand for one another in names made to deceive: paypa1, g00gle.
_SKELETON: Final = str.maketrans({"0": "o", "1": "l", "3": "e", "5": "s", "7": "t", "8": "b"})
_CYRILLIC_AND_GREEK: Final = str.maketrans("аеорсухкіјѕԁԛԝνοαρτυι", "aeopcyxkijsdqwvoaptui")
_BRANDS: Final = frozenset(
    # Names that are imitated most; a list of its own, because it only asks a person to look.
    (
        *("amazon", "apple", "bankid", "coinbase", "dhl", "dpd", "facebook", "fedex", "google"),
        *("icloud", "instagram", "klarna", "mastercard", "microsoft", "netflix", "paypal"),
        *("postnord", "revolut", "telegram", "usps", "vipps", "visa", "whatsapp"),
    )
)


class RuleSet(msgspec.Struct, frozen=True, kw_only=True):
    """What is data about the rules. `fixed_hosts`: written by the tenant in the text itself."""

    blocked_hosts: frozenset[str] = frozenset()
    fixed_hosts: frozenset[str] = frozenset()
    known_hosts: frozenset[str] = frozenset()


class Match(NamedTuple):
    rule: str
    span: tuple[int, int]
    host: str


def link_rules(link: Link, rules: RuleSet) -> Iterator[str]:
    """Ids of the rules a link hits, by its form and the lists; `host_new` is the dry run's."""
    for flag, rule in _BY_FLAG:
        if flag in link.flags:
            yield rule
    if LinkFlag.IP_HOST in link.flags:
        # 1.2.3.4 alone may be a version; with a scheme or a path it is meant to be opened.
        bare = "/" not in link.text and ":" not in link.text
        yield "bare_address" if bare else "url_address_not_allowed"
    if is_listed(link.host, rules.blocked_hosts):
        yield "host_blocked"
    if LinkFlag.EMAIL not in link.flags and looks_like_brand(link.host):
        yield "host_lookalike"


def is_listed(host: str, hosts: frozenset[str]) -> bool:
    """The host itself or a domain above it."""
    if not hosts:
        return False
    labels = host.split(".")
    return any(".".join(labels[start:]) in hosts for start in range(len(labels)))


def looks_like_brand(host: str) -> bool:
    """A label that reads like a well-known name without being spelt so."""
    for label in host.split(".")[:-1]:
        name = _readable(label)
        if name in _BRANDS:
            continue
        skeleton = name.translate(_CYRILLIC_AND_GREEK).translate(_SKELETON)
        if skeleton in _BRANDS or skeleton.replace("rn", "m").replace("vv", "w") in _BRANDS:
            return True
        if any(_is_one_edit_away(skeleton, brand) for brand in _BRANDS if len(brand) >= 6):
            return True
    return False


def _readable(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def shown_host(host: str) -> str:
    """The host as a handset may show it: punycode decoded."""
    return ".".join(_readable(label) for label in host.split("."))


def _is_one_edit_away(left: str, right: str) -> bool:
    if abs(len(left) - len(right)) > 1 or left == right:
        return False
    short, long = sorted((left, right), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    if short[at + 1 :] == long[at + 1 :]:
        return True
    # two neighbours exchanged
    return short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]


def text_rules(text: str, *, has_values: bool) -> Iterator[Match]:
    """What a text hits by its words alone."""
    if not _OPT_OUT.search(text):
        yield Match("no_opt_out", (0, len(text)), "")
    letters = sum(map(str.isalpha, text))
    if letters >= CAPITALS_LETTERS_MIN:
        capitals = sum(map(str.isupper, text))
        if capitals * 100 > letters * CAPITALS_PERCENT_MAX:
            yield Match("all_capitals", (0, len(text)), "")
    hole = _HOLE.search(text) if has_values else None
    if hole:
        yield Match("empty_field", hole.span(), "")


def is_unusual_size(recipients: int, largest_approved: int | None) -> bool:
    if largest_approved is None or recipients < UNUSUAL_SIZE_RECIPIENTS_MIN:
        return False
    return recipients > largest_approved * UNUSUAL_SIZE_TIMES


def score(severities: Sequence[Severity]) -> int:
    """0 to 100: what a moderator should look at first among cases of equal slack."""
    return min(SCORE_MAX, sum(_POINTS[severity] for severity in severities))


def normal_hosts(hosts: Sequence[str]) -> frozenset[str]:
    return frozenset(canonical_host(host) for host in hosts)
