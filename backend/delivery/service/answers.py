"""What the platform answers to a word: one message, at price 0, never two for the same STOP."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import msgspec

from backend.db.scope import BatchScope
from backend.delivery.queries import system_messages
from backend.delivery.queries.system_messages import SystemMessageDraft
from backend.delivery.service.reply_targets import Target, Word
from backend.delivery.states import ReplyKind
from backend.identity.service.tenants import read_tenant_view
from backend.templates.service.senders import sender_key

ANSWERS_PER_NUMBER_MAX = 10
"""In a day: two machines that answer each other stop by themselves."""
ANSWER_EXPIRES_HOURS = 6
"""Later it would be a riddle and no answer."""
DEFAULT_LANGUAGE = "en"
COMPANY_CHARACTERS_MAX = 60
_KINDS = {ReplyKind.STOP: "opt_out_confirmation", ReplyKind.HELP: "help"}


class Answer(msgspec.Struct, frozen=True):
    """To a STOP that stopped something in `changed`, or a HELP."""

    gateway_id: UUID
    inbound_id: UUID
    phone: str
    word: Word
    changed: list[Target]


async def queue_answer(
    scope: BatchScope, answer: Answer, texts: Mapping[tuple[str, str], str]
) -> bool:
    """In the doorway. One for the reply, however many tenants it concerned."""
    kind = answer.word.kind
    target = answer.changed[0]
    company, language = target.sender, answer.word.language
    if len(answer.changed) == 1:
        await scope.enter(target.tenant_id)
        tenant = await read_tenant_view(scope, target.tenant_id)
        await scope.leave()
        company = tenant.name[:COMPANY_CHARACTERS_MAX]
        # STOP is said in every country; the company's own language is the better guess then.
        spoken = tenant.language.partition("-")[0]
        if language == DEFAULT_LANGUAGE and (spoken, kind.value) in texts:
            language = spoken
    text = texts.get((language, kind.value)) or texts.get((DEFAULT_LANGUAGE, kind.value))
    if text is None or kind not in _KINDS:
        return False
    draft = SystemMessageDraft(
        kind=_KINDS[kind],
        reference=_reference(scope, answer, target),
        gateway_id=answer.gateway_id,
        phone=answer.phone,
        sender=target.sender,
        body=text.replace("{company}", company).replace("{sender}", target.sender),
    )
    return await system_messages.queue(
        scope,
        draft,
        expires_at=scope.now + timedelta(hours=ANSWER_EXPIRES_HOURS),
        since=scope.now - timedelta(days=1),
        per_number_max=ANSWERS_PER_NUMBER_MAX,
    )


def _reference(scope: BatchScope, answer: Answer, target: Target) -> str:
    """Of a HELP one an hour; of a STOP its own message."""
    if answer.word.kind is ReplyKind.STOP:
        return f"stop:{answer.inbound_id}"
    return f"help:{answer.phone}:{sender_key(target.sender)}:{scope.now:%Y%m%d%H}"
