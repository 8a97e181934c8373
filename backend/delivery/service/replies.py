"""Replies as a session's page shows them, and the words staff leads keep."""

import re
from uuid import UUID

import msgspec

from backend.audience.service.people import sees_masked
from backend.campaigns.service.moves import read_session
from backend.db.pages import check_limit, cursor_id, next_cursor
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.queries import inbound, reply_words
from backend.delivery.schemas import (
    ReplyCounts,
    ReplyRules,
    ReplyTextUpdate,
    ReplyTextView,
    ReplyView,
    ReplyWordUpdate,
    ReplyWordView,
)
from backend.delivery.states import ReplyKind
from backend.kernel.errors import Conflict, NotFound, invalid_field
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.sms.characters import require_text
from backend.sms.phone import mask
from backend.sms.replies import reply_word

FIXED_WORDS = {"stop": "stop", "start": "start"}
"""Every answer of ours names them, and the law the first: no edit takes their meaning."""
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def _fixed(word: str) -> Conflict:
    return Conflict("reply_word_fixed", f"{word.upper()} always means the same", word=word)


async def list_replies(
    principal: Principal,
    session_id: UUID,
    kind: ReplyKind | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ReplyView]:
    """Newest first."""
    check_limit(limit)
    before = cursor_id(cursor)
    async with tenant_scope(principal) as scope:
        await read_session(scope, session_id)
        rows = await inbound.replies_page(scope, session_id, kind, before, limit)
    items = [msgspec.convert(dict(row), ReplyView) for row in rows]
    if sees_masked(principal):
        items = [msgspec.structs.replace(item, phone=mask(item.phone)) for item in items]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "id"))


async def count_replies(principal: Principal, session_id: UUID) -> ReplyCounts:
    async with tenant_scope(principal) as scope:
        await read_session(scope, session_id)
        counts = await inbound.replies_by_kind(scope, session_id)
    return ReplyCounts(
        replies=sum(counts.values()),
        stops=counts.get(ReplyKind.STOP, 0),
        starts=counts.get(ReplyKind.START, 0),
        helps=counts.get(ReplyKind.HELP, 0),
        others=counts.get(ReplyKind.OTHER, 0),
    )


async def read_reply_rules(principal: Principal) -> ReplyRules:
    async with platform_scope(principal, "reply words") as scope:
        words = await reply_words.words(scope)
        texts = await reply_words.texts(scope)
    return ReplyRules(
        words=[msgspec.convert(dict(row), ReplyWordView) for row in words],
        texts=[msgspec.convert(dict(row), ReplyTextView) for row in texts],
    )


async def set_reply_word(principal: Principal, given: ReplyWordUpdate) -> ReplyWordView:
    """At once, for every reply from now on. Raises InvalidInput `reply_word_empty`, Conflict
    `reply_word_fixed`.
    """
    word = reply_word(given.word)
    if given.kind != FIXED_WORDS.get(word, given.kind):
        raise _fixed(word)
    if not word:
        message = "a word is letters or digits, 40 characters at most"
        raise invalid_field("/word", "reply_word_empty", message)
    reason = f"reply word {word}: {given.kind}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        row = await reply_words.put_word(scope, word, given.language, given.kind)
        view = msgspec.convert(dict(row), ReplyWordView)
        await scope.answer(view, 200)
        return view


async def remove_reply_word(principal: Principal, word: str) -> None:
    """Raises NotFound, Conflict `reply_word_fixed`."""
    if reply_word(word) in FIXED_WORDS:
        raise _fixed(reply_word(word))
    reason = f"reply word removed: {word}"[:500]
    async with platform_scope(principal, reason, takes_key=True) as scope:
        if not await reply_words.remove_word(scope, reply_word(word)):
            raise NotFound
        await scope.answer(None, 204)


async def set_reply_text(
    principal: Principal, language: str, kind: str, given: ReplyTextUpdate
) -> ReplyTextView:
    """Raises InvalidInput for characters no message may hold, NotFound for what has no answer."""
    if kind not in {ReplyKind.STOP, ReplyKind.HELP} or not _LANGUAGE.fullmatch(language):
        raise NotFound
    text = require_text(given.text, "/text")
    async with platform_scope(principal, f"reply text {language} {kind}", takes_key=True) as scope:
        row = await reply_words.put_text(scope, language, kind, text)
        view = msgspec.convert(dict(row), ReplyTextView)
        await scope.answer(view, 200)
        return view
