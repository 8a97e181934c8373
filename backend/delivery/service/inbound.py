"""What handsets write: stored, read and acted on in one transaction, then acknowledged.

An opt-out commits with the message that said it. A carrier that never heard our answer delivers a
message again; it is known by its bytes and counts once.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec
import structlog

from backend.audience.service.contacts import record_contacts
from backend.audience.service.keywords import is_opted_out, start_by_word, stop_by_word
from backend.audience.states import ContactKind
from backend.db.scope import BatchScope, batch_scope, platform_scope
from backend.delivery.queries import inbound as queries
from backend.delivery.service.answers import Answer, queue_answer
from backend.delivery.service.reply_targets import Conversation, Found, Target, find_targets
from backend.delivery.states import ReplyKind
from backend.gateways.port import InboundMessage
from backend.kernel import faults
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.moderation.schemas.trust import OutcomeFacts
from backend.moderation.service.outcomes import record_outcome_facts
from backend.sms.replies import decode_reply, reply_word

MESSAGES_PER_TRANSACTION_MAX = 200
REDELIVERY_MINUTES_MAX = 15
"""The same bytes again in so long, with nothing else said between, are the same message. Longer,
and a second “yes” of the same person would be lost. A STOP is heard again all the same: from a
shared sender somebody new may have written meanwhile.
"""
PARTS_WAIT_MINUTES = 10
"""Then a text is read without the parts that never came."""
PARTS_KEPT_HOURS = 24
INCOMPLETE_TEXTS_MAX = 200
MISSING_PART = " […] "
_log = structlog.get_logger("clearsend.delivery")


class Text(msgspec.Struct, frozen=True):
    """A whole reply. `is_whole` False: parts are missing, so it is no word."""

    inbound_id: UUID
    conversation: Conversation
    text: str
    parts: list[UUID]
    is_whole: bool = True
    is_repeat: bool = False
    """Delivered before, or said twice: only what does not stand yet is done."""


async def store_inbound(gateway_id: UUID, messages: Sequence[InboundMessage]) -> None:
    """Returns when they are committed with all that follows from them; raises when they are not,
    so the carrier keeps them.
    """
    for start in range(0, len(messages), MESSAGES_PER_TRANSACTION_MAX):
        page = messages[start : start + MESSAGES_PER_TRANSACTION_MAX]
        found = await find_targets({_conversation(message) for message in page})
        async with batch_scope("gateway", system("inbound")) as scope:
            texts = await _store(scope, gateway_id, page, found)
            faults.point("inbound.stored")
            await _act(scope, gateway_id, texts, found)
            faults.point("inbound.before_commit")
    faults.point("inbound.committed")


def _conversation(message: InboundMessage) -> Conversation:
    return Conversation(message.source, message.destination)


async def _store(
    scope: BatchScope, gateway_id: UUID, messages: Sequence[InboundMessage], found: Found
) -> list[Text]:
    """The texts they complete, in the order they came."""
    conversations = sorted({_conversation(message) for message in messages})
    for one in conversations:
        await queries.lock_conversation(scope, *one)
    since = scope.now - timedelta(minutes=REDELIVERY_MINUTES_MAX)
    said: dict[Conversation, list[bytes]] = {one: [] for one in conversations}
    sources, destinations = zip(*conversations, strict=True)
    for row in await queries.recent(scope, sources, destinations, since):
        if row["gateway_id"] == gateway_id:
            said[Conversation(row["source"], row["destination"])].append(row["raw"])
    texts = []
    for message in messages:
        before = said[_conversation(message)]
        is_repeat = _is_known(message, before)
        if is_repeat and not _is_stop(message, found):
            continue
        before.append(message.raw)
        text = await _store_one(scope, gateway_id, message)
        if text is not None:
            texts.append(msgspec.structs.replace(text, is_repeat=is_repeat))
    return texts


def _is_stop(message: InboundMessage, found: Found) -> bool:
    if message.parts_total > 1:
        return False
    word = found.words.get(reply_word(decode_reply(message.data_coding, message.body)))
    return word is not None and word.kind is ReplyKind.STOP


def _is_known(message: InboundMessage, before: Sequence[bytes]) -> bool:
    """Parts carry the number of their text; of whole ones only the last thing said counts, or
    STOP, START, STOP would end with START.
    """
    if message.parts_total > 1:
        return message.raw in before
    return bool(before) and before[-1] == message.raw


async def _store_one(scope: BatchScope, gateway_id: UUID, message: InboundMessage) -> Text | None:
    conversation = _conversation(message)
    if message.parts_total == 1:
        inbound_id = await queries.insert(scope, gateway_id, message, "unmatched")
        text = decode_reply(message.data_coding, message.body)
        return Text(inbound_id, conversation, text, [inbound_id])
    inbound_id = await queries.insert(scope, gateway_id, message, "waiting")
    since = scope.now - timedelta(hours=PARTS_KEPT_HOURS)
    parts = await queries.waiting_parts(scope, gateway_id, message, since)
    if len({part["part_number"] for part in parts}) < message.parts_total:
        return None
    return _joined(inbound_id, conversation, parts, message.parts_total)


def _joined(
    inbound_id: UUID, conversation: Conversation, parts: Sequence[asyncpg.Record], total: int
) -> Text:
    """Bytes first, letters then: a character may stand half in one part and half in the next."""
    bodies = {part["part_number"]: part["body"] for part in parts}
    coding = parts[0]["data_coding"]
    ids = [part["id"] for part in parts]
    if len(bodies) == total:
        text = decode_reply(coding, b"".join(bodies[n] for n in sorted(bodies)))
        return Text(inbound_id, conversation, text, ids)
    pieces = [
        decode_reply(coding, bodies[n]) if n in bodies else MISSING_PART
        for n in range(1, total + 1)
    ]
    return Text(inbound_id, conversation, "".join(pieces).strip(), ids, is_whole=False)


async def _act(scope: BatchScope, gateway_id: UUID, texts: Sequence[Text], found: Found) -> None:
    """Leaves the scope in the doorway."""
    for text in texts:
        word = found.words.get(reply_word(text.text)) if text.is_whole else None
        kind = word.kind if word else ReplyKind.OTHER
        targets = found.targets.get(text.conversation)
        concerned = targets.of(kind) if targets else []
        changed: list[Target] = []
        for target in sorted(concerned, key=lambda target: target.tenant_id):
            await scope.enter(target.tenant_id)
            if await _act_in_tenant(scope, text, kind, target):
                changed.append(target)
            await scope.leave()
        await queries.mark(scope, text.parts, "matched" if concerned else "unmatched")
        if word is not None and changed:
            phone = text.conversation.phone or ""
            answer = Answer(gateway_id, text.inbound_id, phone, word, changed)
            await queue_answer(scope, answer, found.texts)
        elif not concerned:
            _log.info("reply_unmatched", inbound_id=str(text.inbound_id))


async def _act_in_tenant(scope: BatchScope, text: Text, kind: ReplyKind, target: Target) -> bool:
    """Whether there is something to answer: a STOP that stops, a HELP."""
    phone, reply_id = text.conversation.phone or "", uuid7()
    if text.is_repeat and await is_opted_out(scope, phone, target.sender):
        return False
    await queries.insert_reply(
        scope,
        reply_id,
        text.inbound_id,
        target.session_id,
        phone,
        target.sender,
        kind.value,
        text.text,
    )
    await record_contacts(scope, ContactKind.REPLIED, [phone])
    evidence = f"reply:{reply_id}"
    if kind is ReplyKind.STOP:
        has_stopped = await stop_by_word(scope, phone, target.sender, evidence)
        if has_stopped and target.session_id is not None:
            await record_outcome_facts(scope, target.session_id, OutcomeFacts(opt_outs=1))
        return has_stopped
    if kind is ReplyKind.START:
        await start_by_word(scope, phone, target.sender, evidence)
    return kind is ReplyKind.HELP


async def read_incomplete() -> int:
    """Use case of the clock: texts whose missing parts will not come any more."""
    async with platform_scope(system("inbound"), "incomplete replies") as scope:
        before = scope.now - timedelta(minutes=PARTS_WAIT_MINUTES)
        waiting = await queries.incomplete(scope, before, INCOMPLETE_TEXTS_MAX)
    for row in waiting:
        conversation = Conversation(row["source"], row["destination"])
        found = await find_targets({conversation})
        async with batch_scope("gateway", system("inbound")) as scope:
            await queries.lock_conversation(scope, *conversation)
            of_text = InboundMessage(
                source=row["source"],
                destination=row["destination"],
                data_coding=row["data_coding"],
                body=b"",
                part_reference=row["part_reference"],
                part_number=1,
                parts_total=row["parts_total"],
                raw=b"",
            )
            parts = await queries.waiting_parts(
                scope, row["gateway_id"], of_text, row["received_at"]
            )
            if parts:
                text = _joined(parts[-1]["id"], conversation, parts, row["parts_total"])
                await _act(scope, row["gateway_id"], [text], found)
    return len(waiting)
