"""Names made to be taken for others: in hosts, in senders, and brands whose link leads elsewhere.

Skeletons (Unicode TR39 and what a hurried eye confuses) find `paypa1` and `раураl`; one edit away
finds `paypall`. Exactly spelt names are somebody's own affair: whose host it is, nobody knows here.
"""

from collections.abc import Sequence
from typing import Final

from backend.moderation.schemas.rules import Brand
from backend.sms.links import canonical_host
from backend.sms.skeletons import plain_bytes, skeleton

EDITED_NAME_CHARACTERS_MIN: Final = 6
"""Shorter names are one letter away from too many honest ones."""
_KNOWN_HOSTS_MAX: Final = 10_000


class Brands:
    """One list of names, asked for hosts and senders."""

    __slots__ = ("_asked", "_hosts", "_names", "_skeletons")

    def __init__(self, brands: Sequence[Brand]) -> None:
        self._names = {_name(brand.name): brand.name for brand in brands}
        self._skeletons = {skeleton(brand.name): brand.name for brand in brands}
        self._hosts = {brand.name: frozenset(map(canonical_host, brand.hosts)) for brand in brands}
        self._asked: dict[str, bool] = {}

    def resembled_by_host(self, host: str) -> bool:
        """A label that reads like a name without being spelt so; not the last label."""
        known = self._asked.get(host)
        if known is None:
            if len(self._asked) >= _KNOWN_HOSTS_MAX:
                self._asked.clear()
            labels = (readable(label) for label in host.split(".")[:-1])
            known = self._asked[host] = any(map(self._is_imitation, labels))
        return known

    def _is_imitation(self, label: str) -> bool:
        if label in self._names:
            return False
        if skeleton(label) in self._skeletons:
            return True
        name = _name(label)
        return any(
            is_one_edit_away(name, known)
            for known in self._names
            if len(known) >= EDITED_NAME_CHARACTERS_MIN
        )

    def resembled_by_sender(self, sender: str) -> str:
        """The name it reads like without being spelt so; empty: none. Who sends under the very name
        had it approved as a sender.
        """
        name = sender.lower()
        if name in self._names:
            return ""
        found = self._skeletons.get(skeleton(sender))
        if found is not None:
            return found
        for known, brand in self._names.items():
            if len(known) >= EDITED_NAME_CHARACTERS_MIN and is_one_edit_away(name, known):
                return brand
        return ""

    @property
    def names(self) -> list[str]:
        return list(self._names.values())

    def owns(self, brand: str, host: str) -> bool:
        """The brand's listed hosts and what is below them, or the name right before the ending."""
        labels = host.split(".")
        above = {".".join(labels[start:]) for start in range(len(labels))}
        if above & self._hosts[brand]:
            return True
        return len(labels) > 1 and labels[-2] == _name(brand)


def _name(text: str) -> str:
    return "".join(c for c in plain_bytes(text).decode() if c.isalnum())


def readable(label: str) -> str:
    """A label of a host with its punycode decoded."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def shown_host(host: str) -> str:
    """The host as a handset may show it: punycode decoded."""
    return ".".join(readable(label) for label in host.split("."))


def is_one_edit_away(left: str, right: str) -> bool:
    """One letter more, less, other, or two neighbours exchanged."""
    if abs(len(left) - len(right)) > 1 or left == right:
        return False
    short, long = sorted((left, right), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    if short[at + 1 :] == long[at + 1 :]:
        return True
    return short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
