"""One place where a recipient becomes a message or an exclusion: quote, screening, preparing.

A page is one statement of the audience and then pure work: render, count, price.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.audience.schemas.rules import AudienceRow, AudienceRule
from backend.audience.service.evaluation import audience_count, audience_page
from backend.audience.service.reach import Sending, open_sending
from backend.campaigns.queries import retries
from backend.campaigns.schemas.content import SEGMENTS_PER_MESSAGE_MAX, FrozenContent
from backend.campaigns.schemas.evaluation import (
    EVALUATION_ROWS_MAX,
    EvaluatedMessage,
    EvaluatedPage,
    Exclusion,
    ExclusionReason,
)
from backend.campaigns.schemas.prices import PriceMap
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.prices import read_prices
from backend.campaigns.service.wording import Wording
from backend.db.scope import Scope
from backend.identity.schemas import TenantFacts
from backend.kernel.errors import InvalidInput
from backend.templates.rendering.compose import compile_message
from backend.templates.rendering.problems import ProblemCode, RenderProblem
from backend.templates.rendering.template_only import find_unplain_value

Properties = Mapping[str, Mapping[str, Any]]
"""Recipient (E.164 or subscriber id) → name → value, as a program gave them."""

TEMPLATE_ONLY = "template_only"
TRIAL_RECIPIENTS = "trial_recipients"
"""What the evidence of an exclusion begins with where a quote refuses the whole submission."""


class Evaluation:
    """Everything that is the same for all recipients, made once per quote or preparation."""

    __slots__ = (
        *("_by", "content", "is_template_only", "listed_in", "prices", "properties"),
        *("at", "recipients", "rule", "sending"),
    )

    def __init__(
        self,
        content: FrozenContent,
        prices: PriceMap,
        tenant: TenantFacts,
        properties: Properties | None = None,
        listed_in: UUID | None = None,
    ) -> None:
        self.content = content
        self.listed_in = listed_in
        self.sending: Sending | None = None
        self.at: datetime | None = None
        """The moment hours and caps are judged at; none: now."""
        self.prices = prices
        self.properties = properties
        self.rule = msgspec.convert(content.audience, AudienceRule, strict=False)
        self.is_template_only = tenant.is_template_only
        self.recipients = _verified_recipients(tenant)
        self._by: dict[tuple[str, str], Wording | str] = {}
        self.wording(None, None)

    def wording(self, header: str | None, footer: str | None) -> Wording | str:
        """A campaign's own header and footer win; on approved templates nothing else counts.

        The code of its problem where a group's header or footer is no template.
        """
        key = (
            self.content.header or ("" if self.is_template_only else header or ""),
            self.content.footer or ("" if self.is_template_only else footer or ""),
        )
        known = self._by.get(key)
        if known is None:
            known = self._by[key] = self._compiled(*key)
        return known

    def _compiled(self, header: str, footer: str) -> Wording | str:
        try:
            return Wording(compile_message(body=self.content.body, header=header, footer=footer))
        except InvalidInput as error:
            if not self._by:  # the content itself, tried first
                raise
            return error.code


def _verified_recipients(tenant: TenantFacts) -> frozenset[str] | None:
    """None: anybody. A trial writes to the numbers it has proven to be its own."""
    if tenant.status != "trial":
        return None
    return frozenset({tenant.verified_phone} if tenant.verified_phone else ())


async def open_evaluation(
    scope: Scope,
    content: FrozenContent,
    *,
    tenant: TenantFacts,
    price_version: int | None = None,
    properties: Properties | None = None,
    session: SessionRow | None = None,
) -> Evaluation:
    """`price_version` None prices by the current list; a `session` that retries another keeps to
    its list of recipients. Raises InvalidInput where the text is no template, NotFound for a price
    version that never was.
    """
    prices = await read_prices(scope, price_version, content.channel)
    listed_in = session.id if session and session.retry_of else None
    evaluation = Evaluation(content, prices, tenant, properties, listed_in)
    evaluation.sending = await open_sending(scope, evaluation.rule)
    return evaluation


async def candidate_rows(
    scope: Scope, evaluation: Evaluation, after: UUID | None, rows_max: int
) -> tuple[list[AudienceRow], UUID | None]:
    """The next candidates, and the key behind them; without a key there are no more."""
    rule, ids = evaluation.rule, None
    if evaluation.listed_in is not None:
        ids = await retries.page(scope, evaluation.listed_in, after, rows_max)
        if not ids:
            return [], None
        rule = msgspec.structs.replace(
            rule, all=False, groups=(), target_group_rules=(), subscriber_ids=tuple(ids)
        )
    rows = await audience_page(
        scope,
        rule,
        after if ids is None else None,
        rows_max,
        sender=evaluation.content.sender,
        sending=evaluation.sending,
        at=evaluation.at,
    )
    if ids is not None:
        return rows, ids[-1]
    return rows, rows[-1].subscriber_id if rows else None


async def candidate_count(scope: Scope, evaluation: Evaluation) -> int:
    if evaluation.listed_in is None:
        return await audience_count(scope, evaluation.rule)
    return await retries.count(scope, evaluation.listed_in)


async def evaluate_page(
    scope: Scope,
    evaluation: Evaluation,
    after: UUID | None = None,
    rows_max: int = EVALUATION_ROWS_MAX,
) -> EvaluatedPage:
    """The next recipients by subscriber id; the page after the last has no rows and no key."""
    rows, next_after = await candidate_rows(scope, evaluation, after, rows_max)
    page = evaluate_rows(evaluation, rows)
    return msgspec.structs.replace(page, next_after=next_after)


def evaluate_rows(evaluation: Evaluation, rows: Iterable[AudienceRow]) -> EvaluatedPage:
    """Pure: each row becomes exactly one message or one exclusion."""
    messages: list[EvaluatedMessage] = []
    exclusions: list[Exclusion] = []
    for row in rows:
        found = evaluate_row(evaluation, row)
        if type(found) is EvaluatedMessage:
            messages.append(found)
        elif type(found) is Exclusion:
            exclusions.append(found)
    return EvaluatedPage(messages=messages, exclusions=exclusions, next_after=None)


def evaluate_row(evaluation: Evaluation, row: AudienceRow) -> EvaluatedMessage | Exclusion:
    closed = _closed(evaluation, row)
    if closed is not None:
        return _excluded(row, *closed)
    wording = evaluation.wording(row.header, row.footer)
    if isinstance(wording, str):
        return _excluded(row, ExclusionReason.UNAPPROVED_CONTENT, f"group_text:{wording}")
    given = _properties(evaluation, wording, row)
    if evaluation.is_template_only:
        unplain = find_unplain_value(wording.message, _texts(given), _texts(row.attributes))
        if unplain is not None:
            evidence = f"{TEMPLATE_ONLY}:{unplain[1]}:{unplain[0]}"
            return _excluded(row, ExclusionReason.UNAPPROVED_CONTENT, evidence)
    text = wording.message.render(given, row.attributes)
    if not isinstance(text, str):
        return _excluded(row, *_reason_of(text))
    wording.weigh(text)
    if wording.refused:
        return _excluded(row, ExclusionReason.UNAPPROVED_CONTENT, wording.refused)
    count = wording.count
    if count.segments > SEGMENTS_PER_MESSAGE_MAX:
        return _excluded(row, ExclusionReason.OVER_SEGMENT_LIMIT, f"segments:{count.segments}")
    return EvaluatedMessage(
        subscriber_id=row.subscriber_id,
        phone=row.phone,
        country=row.country,
        body=text,
        encoding=count.encoding,
        segments=count.segments,
        credits=count.segments * evaluation.prices.credits_per_segment[row.country],
        not_before=row.opens_at,
        not_after=row.closes_at,
        cap_left=row.cap_left,
        cap_evidence=row.cap_evidence,
        consent_source=row.consent_source,
    )


def _closed(evaluation: Evaluation, row: AudienceRow) -> tuple[ExclusionReason, str] | None:
    """What speaks against the person or the number, whatever the text. Opt-out wins over all."""
    if row.opted_out is not None:
        return ExclusionReason.OPTED_OUT, f"opt_out:{row.opted_out}"
    if row.is_deselected:
        return ExclusionReason.DESELECTED, row.deselected_by or f"subscriber:{row.subscriber_id}"
    if row.require_consent and not row.has_consent:
        asked_by = f",{row.consent_by}" if row.consent_by else ""
        return ExclusionReason.NO_CONSENT, f"subscriber:{row.subscriber_id}{asked_by}"
    if row.is_unreachable:
        return ExclusionReason.INVALID_NUMBER, "number:unreachable"
    if row.number_problem is not None:
        return ExclusionReason.INVALID_NUMBER, row.number_problem
    if row.is_country_blocked:
        return ExclusionReason.BLOCKED_COUNTRY, f"country:{row.country}:settings"
    if row.country not in evaluation.prices.credits_per_segment:
        return ExclusionReason.BLOCKED_COUNTRY, f"country:{row.country}"
    if evaluation.recipients is not None and row.phone not in evaluation.recipients:
        return ExclusionReason.UNAPPROVED_CONTENT, TRIAL_RECIPIENTS
    return _later(row)


def _later(row: AudienceRow) -> tuple[ExclusionReason, str] | None:
    """What speaks against this moment: told last, because another day it would not."""
    if row.capped_by is not None:
        return ExclusionReason.FREQUENCY_CAP, row.capped_by
    if row.closed_by is not None:
        return ExclusionReason.QUIET_HOURS_EXPIRED, row.closed_by
    return None


def _properties(evaluation: Evaluation, wording: Wording, row: AudienceRow) -> Mapping[str, Any]:
    """What a program gives is given whole (S3-18); without it the subscriber's attributes stand."""
    if not wording.sources:
        return {}
    if evaluation.properties is None:
        return wording.properties_of(row)
    return (
        evaluation.properties.get(row.phone)
        or evaluation.properties.get(str(row.subscriber_id))
        or {}
    )


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    """As they will be read: a number of ten digits is a phone number too."""
    return {name: str(value) for name, value in values.items()}


def _reason_of(problem: RenderProblem) -> tuple[ExclusionReason, str]:
    if problem.code is ProblemCode.MESSAGE_TOO_LONG:
        return ExclusionReason.OVER_SEGMENT_LIMIT, problem.code.value
    named = [f"property:{name}" for name in problem.properties]
    named += [f"attribute:{name}" for name in problem.attributes]
    return ExclusionReason.MISSING_PROPERTY, ",".join(named) or problem.code.value


def _excluded(row: AudienceRow, reason: ExclusionReason, evidence: str) -> Exclusion:
    return Exclusion(
        subscriber_id=row.subscriber_id, phone=row.phone, reason=reason, evidence=evidence
    )
