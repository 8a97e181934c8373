"""Links and hosts in a rendered text, found the generous way.

A handset makes a link of nearly every `word.tld`, so that is what counts as one. What is found too
much costs a moderator a glance; what is missed sends people to a host nobody approved.
"""

import enum
import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import msgspec

from backend.sms import folding
from backend.sms.folding import Folded
from backend.sms.link_data import COMMON_TLDS, SHORTENERS, UNICODE_TLDS

MAX_HOST_LABEL_CHARACTERS: Final = 63
MAX_HOST_LABELS: Final = 20


class LinkFlag(enum.StrEnum):
    SHORTENER = "shortener"
    USERINFO = "userinfo"
    EMAIL = "email"
    IP_HOST = "ip_host"
    PUNYCODE = "punycode"
    MIXED_SCRIPT = "mixed_script"
    ZERO_WIDTH = "zero_width"
    BAD_SCHEME = "bad_scheme"
    DISGUISED = "disguised"


class Link(msgspec.Struct, frozen=True):
    """`span` and `text` are of the original; `host` is lower case, punycode, an IPv4 dotted.

    `host` is empty where the scheme has none (javascript:).
    """

    span: tuple[int, int]
    text: str
    host: str
    flags: frozenset[LinkFlag]


# Every character but blanks and punctuation: Android links emoji and combining marks along with
# the host they touch, so cutting there would name another host than the one that opens.
_LABEL_CHARACTER = r"[^\x00-,./:-@\[-^`{-\xa0«»¡¿\u2010-\u2027\u2030-\u205e\u3000-\u303f]"
_LABEL = f"{_LABEL_CHARACTER}{{1,{MAX_HOST_LABEL_CHARACTERS}}}"
_END = "(?![a-z0-9])"
_TLD = f"(?:xn--[a-z0-9-]{{2,59}}|[a-z]{{2,24}}|{'|'.join(UNICODE_TLDS)}){_END}"
_COMMON = f"(?:{'|'.join(sorted(COMMON_TLDS))}){_END}"
_REST = r"""(?::[0-9]{1,5})?(?:[/?#][^\s<>"]*)?"""
_BRACKETED_DOT = r"\s?[\[({]\s?(?:\.|dot|punkt|point)\s?[\])}]\s?"

# Most texts hold none of these: two searches instead of five.
_MAY_HOLD_HOST = re.compile(r"\.[^\s.]")
_MAY_HOLD_DISGUISE = re.compile(
    rf"{_BRACKETED_DOT}|\sdot\s|\s\.|\.\s{{1,3}}(?-i:com|net|org)", re.IGNORECASE
)
_WITH_SCHEME = re.compile(
    r"""(?P<scheme>[a-z][a-z0-9+.-]{0,30})://(?P<rest>[^\s<>"]+)""", re.IGNORECASE
)
_WITHOUT_HOST = re.compile(
    r"\b(?:(?:javascript|vbscript|blob|intent|file):|data:(?=[a-z]+/[a-z]|[,;]))\S+", re.IGNORECASE
)
_BARE = re.compile(
    rf"""(?<!{_LABEL_CHARACTER})(?P<user>[^\s@/<>"]{{1,64}}@)?"""
    rf"(?P<host>(?:{_LABEL}\.){{1,{MAX_HOST_LABELS}}}(?P<tld>{_TLD}))(?P<rest>{_REST})",
    re.IGNORECASE,
)
_BARE_IP = re.compile(
    rf"""(?<![\w.+])(?P<user>[^\s@/<>"]{{1,64}}@)?"""
    rf"(?P<host>[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}})(?!\.?\w)(?P<rest>{_REST})"
)
_DISGUISED = re.compile(
    rf"(?<!{_LABEL_CHARACTER})(?P<host>"
    rf"{_LABEL}(?:(?:\.|{_BRACKETED_DOT}){_LABEL}){{0,4}}{_BRACKETED_DOT}{_TLD}(?:\.{_TLD})?"
    rf"|{_LABEL}(?:\s{{1,3}}dot\s{{1,3}}|\s{{1,3}}\.\s{{0,3}}){_COMMON}"
    rf"|{_LABEL}\.\s{{1,3}}(?-i:com|net|org){_END}"
    rf")(?P<rest>{_REST})",
    re.IGNORECASE,
)
_DISGUISED_DOT = re.compile(rf"{_BRACKETED_DOT}|\s+dot\s+|\s*\.\s*", re.IGNORECASE)
_IP_PART = re.compile(r"0x[0-9a-f]{0,8}|[0-9]{1,11}")
_IPV6 = re.compile(r"\[[0-9a-fA-F:.]{2,45}\]")
_ENDS_IN_TLD = re.compile(rf"\.{_TLD}$", re.IGNORECASE)
_TRAILING_HOST = ".,;:!?)}'\"»”’…"
_TRAILING = ".,;:!?)]}'\"»”’…"
_CONFUSABLE_SCRIPTS: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})


def find(text: str) -> list[Link]:
    """Every link, in the order of the text.

    Two overlap only where a disguise has two readings: "www.example dot com" is a host with and
    without its last word, and both are named.
    """
    folded = folding.fold(text)
    taken: list[Link] = []
    for link in _candidates(text, folded):
        start, end = link.span
        if LinkFlag.DISGUISED in link.flags:
            known = any(other.span[0] <= start and end <= other.span[1] for other in taken)
        else:
            known = any(start < other.span[1] and other.span[0] < end for other in taken)
        if not known:
            taken.append(link)
    return sorted(taken, key=lambda link: link.span)


def canonical_host(written: str) -> str:
    """Lower case, punycode, no trailing dot; inet_aton's spellings of an address are dotted."""
    host = written.lower().rstrip(".")
    address = _address(host)
    if address:
        return address
    return ".".join(label if label.isascii() else _punycode(label) for label in host.split("."))


def is_shortener(host: str) -> bool:
    labels = host.split(".")
    return any(".".join(labels[start:]) in SHORTENERS for start in range(len(labels)))


def _candidates(text: str, folded: Folded) -> Iterator[Link]:
    """The surest readings first; later ones yield to them where they overlap."""
    for match in _WITH_SCHEME.finditer(folded.text) if "://" in folded.text else ():
        link = _with_scheme(text, folded, match)
        if link.host or LinkFlag.BAD_SCHEME in link.flags:
            yield link
    for match in _WITHOUT_HOST.finditer(folded.text) if ":" in folded.text else ():
        yield _link(text, folded, match.span(), "", {LinkFlag.BAD_SCHEME})
    may_hold_host = _MAY_HOLD_HOST.search(folded.text) is not None
    for match in _BARE.finditer(folded.text) if may_hold_host else ():
        host = _without_next_sentence(match)
        if host:
            cut = len(match["host"]) - len(host)
            span = (match.start(), match.end() - cut)
            yield _link(text, folded, span, host, _user_flags(match))
    for match in _BARE_IP.finditer(folded.text) if may_hold_host else ():
        if _address(match["host"]):
            yield _link(text, folded, match.span(), match["host"], _user_flags(match))
    may_hold_disguise = _MAY_HOLD_DISGUISE.search(folded.text) is not None
    for match in _DISGUISED.finditer(folded.text) if may_hold_disguise else ():
        host = _DISGUISED_DOT.sub(".", match["host"])
        yield _link(text, folded, match.span(), host, {LinkFlag.DISGUISED})


def _with_scheme(text: str, folded: Folded, match: re.Match[str]) -> Link:
    scheme = match["scheme"].lower()
    flags = set()
    if scheme in {"hxxp", "hxxps"}:
        flags.add(LinkFlag.DISGUISED)
    elif scheme not in {"http", "https"}:
        flags.add(LinkFlag.BAD_SCHEME)
    # Browsers end the authority at a backslash too, older programs do not: they read evil.example
    # in https://good.example\\@evil.example, so it counts as user information.
    authority = re.split(r"[/?#\\]", match["rest"], maxsplit=1)[0].rstrip(_TRAILING_HOST)
    _user, at, host = authority.rpartition("@")
    if at or "\\" in match["rest"]:
        flags.add(LinkFlag.USERINFO)
    literal = _IPV6.match(host)
    host = literal.group() if literal else re.sub(_BRACKETED_DOT, ".", host).partition(":")[0]
    return _link(text, folded, match.span(), host, flags)


def _user_flags(match: re.Match[str]) -> set[LinkFlag]:
    user = match["user"]
    if not user:
        return set()
    return {LinkFlag.USERINFO if match["rest"] else LinkFlag.EMAIL}


def _without_next_sentence(match: re.Match[str]) -> str:
    """The host less a sentence that begins right after its dot; empty if nothing is left.

    "Done.Thanks" is no host: a capital after the dot, and nothing else that speaks for one.
    """
    host = match["host"]
    if match["user"] or match["rest"] or host.lower().startswith("www."):
        return host
    while "." in host and _begins_sentence(host.rpartition(".")[2]):
        host = host.rpartition(".")[0]
    return host if _ENDS_IN_TLD.search(host) else ""


def _begins_sentence(label: str) -> bool:
    return label[0].isupper() and not label.isupper() and label.lower() not in COMMON_TLDS


def _link(
    text: str, folded: Folded, span: tuple[int, int], written_host: str, flags: set[LinkFlag]
) -> Link:
    kept = folded.text[span[0] : span[1]].rstrip(_TRAILING)
    start, end = folded.span(span[0], span[0] + len(kept))
    host = canonical_host(written_host)
    if not folded.hidden.isdisjoint(range(start, end)):
        flags.add(LinkFlag.ZERO_WIDTH)
    if _address(host) or host.startswith("["):
        flags.add(LinkFlag.IP_HOST)
    if any(label.startswith("xn--") for label in host.split(".")):
        flags.add(LinkFlag.PUNYCODE)
    if any(_mixes_scripts(label) for label in written_host.split(".")):
        flags.add(LinkFlag.MIXED_SCRIPT)
    if is_shortener(host):
        flags.add(LinkFlag.SHORTENER)
    return Link((start, end), text[start:end], host, frozenset(flags))


def _mixes_scripts(label: str) -> bool:
    scripts = {unicodedata.name(character, "").partition(" ")[0] for character in label}
    return len(scripts & _CONFUSABLE_SCRIPTS) > 1


def _punycode(label: str) -> str:
    return f"xn--{label.encode('punycode', 'replace').decode('ascii')}"


def _address(host: str) -> str | None:
    """The dotted form of an IPv4 address in any spelling browsers take (decimal, octal, hex)."""
    parts = host.split(".")
    if len(parts) > 4 or not all(map(_IP_PART.fullmatch, parts)):
        return None
    *leading, last = (_ip_part(part) for part in parts)
    if any(part > 0xFF for part in leading) or last >= 1 << 8 * (5 - len(parts)):
        return None
    number = last + sum(part << 8 * (3 - index) for index, part in enumerate(leading))
    return str(ipaddress.IPv4Address(number))


def _ip_part(part: str) -> int:
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    is_octal = part.startswith("0") and part.isdecimal() and not set(part) & set("89")
    return int(part, 8 if is_octal else 10)
