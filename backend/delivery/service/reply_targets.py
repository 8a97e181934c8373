"""Whose a reply is: who texted this number from this sender, and whose the sender is."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from backend.audience.service.keywords import tenants_in_contact
from backend.db.scope import Scope, platform_scope
from backend.delivery.queries import inbound as queries, reply_words
from backend.delivery.states import ReplyKind
from backend.kernel.principal import system
from backend.sms.phone import is_e164
from backend.templates.service.senders import sender_holders, sender_key

CONTACT_DAYS_MAX = 30
"""A reply to a sender of several is for whoever texted the number in so many days."""


class Conversation(NamedTuple):
    """The two ends, as the carrier writes them."""

    source: str
    destination: str

    @property
    def phone(self) -> str | None:
        """None: no handset, so nobody's (a short code, a name)."""
        phone = f"+{self.source.removeprefix('+').removeprefix('00')}"
        return phone if is_e164(phone) else None


class Target(msgspec.Struct, frozen=True):
    """A tenant a reply concerns; `sender` as the tenant writes it, which an opt-out must match."""

    tenant_id: UUID
    sender: str
    session_id: UUID | None = None
    texted_at: datetime | None = None


class Targets(msgspec.Struct, frozen=True):
    texted: list[Target]
    """Each tenant once, by its newest message; the newest of all first."""
    holder: Target | None
    """The one tenant whose own sender it is, where it texted nothing lately."""
    stopped: list[Target]
    """Who heard a STOP from there, however long ago."""

    def of(self, kind: ReplyKind) -> list[Target]:
        """A STOP concerns everybody who texts from there; an answer only who was answered."""
        newest = self.texted[:1] or ([self.holder] if self.holder else [])
        if kind in (ReplyKind.OTHER, ReplyKind.HELP):
            return newest
        everybody = [*self.texted, *([self.holder] if self.holder else [])]
        if kind is ReplyKind.START:
            known = {target.tenant_id for target in everybody}
            everybody += [target for target in self.stopped if target.tenant_id not in known]
        return everybody


class Word(NamedTuple):
    kind: ReplyKind
    language: str


class Found(msgspec.Struct, frozen=True):
    """Read before the transaction that stores: whom the replies of one batch concern."""

    targets: dict[Conversation, Targets]
    words: dict[str, Word]
    texts: dict[tuple[str, str], str]
    """(language, kind) → what is answered."""


async def find_targets(conversations: Iterable[Conversation]) -> Found:
    asked = {one: one.phone for one in conversations}
    phones = sorted({phone for phone in asked.values() if phone})
    async with platform_scope(system("inbound"), "whose a reply is") as scope:
        since = scope.now - timedelta(days=CONTACT_DAYS_MAX)
        holders = await sender_holders(scope, (one.destination for one in asked))
        tenants = await tenants_in_contact(scope, phones, since)
        targets = {
            one: await _targets(scope, one, phone, tenants.get(phone, []), holders, since)
            for one, phone in asked.items()
            if phone
        }
        words = {
            row["word"]: Word(ReplyKind(row["kind"]), row["language"])
            for row in await reply_words.words(scope)
        }
        texts = {(r["language"], r["kind"]): r["text"] for r in await reply_words.texts(scope)}
    return Found(targets, words, texts)


async def _targets(  # noqa: PLR0917 - what one look at everybody found
    scope: Scope,
    conversation: Conversation,
    phone: str,
    tenants: list[UUID],
    holders: dict[str, tuple[UUID, str]],
    since: datetime,
) -> Targets:
    key = sender_key(conversation.destination)
    held = holders.get(key)
    asked = sorted({*tenants, *([held[0]] if held else [])})
    newest: dict[UUID, Target] = {}
    for row in await queries.texted(scope, phone, asked, since) if asked else []:
        if sender_key(row["sender"]) == key and row["tenant_id"] not in newest:
            newest[row["tenant_id"]] = Target(
                row["tenant_id"], row["sender"], row["session_id"], row["at"]
            )
    holder = Target(*held) if held and held[0] not in newest else None
    stopped = [
        Target(row["tenant_id"], row["sender"])
        for row in await queries.stops_of(scope, phone)
        if sender_key(row["sender"]) == key
    ]
    return Targets(list(newest.values()), holder, stopped)
