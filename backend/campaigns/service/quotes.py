"""Quotes: the whole audience evaluated before anybody confirms a price."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from backend.audit.service import record
from backend.campaigns.queries import contents, sessions
from backend.campaigns.schemas.content import content_hash, read_draft
from backend.campaigns.schemas.evaluation import EvaluatedMessage, EvaluatedPage
from backend.campaigns.schemas.quotes import (
    QUOTE_EXACT_RECIPIENTS_MAX,
    QUOTE_SAMPLE_RECIPIENTS,
    CountryFigures,
    QuoteFigures,
    QuoteView,
)
from backend.campaigns.service.evaluation import (
    TEMPLATE_ONLY,
    TRIAL_RECIPIENTS,
    Evaluation,
    candidate_count,
    evaluate_page,
    open_evaluation,
)
from backend.campaigns.service.inspection import require_content
from backend.campaigns.service.views import shown_quote
from backend.campaigns.states import capabilities
from backend.db.scope import Scope, tenant_scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import Forbidden, StateConflict
from backend.kernel.principal import Principal
from backend.ledger.service.balance import balance

TEMPLATE_ONLY_RECIPIENTS_PER_DAY = 50
"""Of trials and of tenants without a verified number; a trial has 25 credits at all."""
_DAY = timedelta(hours=24)


async def create_quote(principal: Principal, session_id: UUID) -> QuoteView:
    """Raises InvalidInput `draft_incomplete` with every problem, Forbidden `template_only`,
    `trial_recipients`, `trial_daily_cap`, StateConflict `not_in_state`.
    """
    async with tenant_scope(principal) as scope:
        session = await sessions.read(scope, session_id)
        if not capabilities(session.state).may_submit:
            raise StateConflict(
                "not_in_state", session_id=str(session_id), state=session.state.value
            )
        tenant = await read_tenant_facts(scope)
        content = await require_content(scope, read_draft(session.draft), tenant)
        evaluation = await open_evaluation(scope, content, tenant=tenant, session=session)
        planned = read_draft(session.draft).schedule
        if planned is not None and planned.at > scope.now:
            evaluation.at = planned.at
        figures = await quote_figures(scope, evaluation)
        if tenant.is_template_only:
            await check_daily_cap(scope, session_id, figures.recipients)
        quote = await contents.insert_quote(
            scope,
            session_id,
            content_hash(content),
            evaluation.prices.version,
            figures,
            (await balance(scope)).available,
        )
        await record(scope, "session.quoted", f"session:{session_id}", credits=quote.credits)
        shown = shown_quote(scope, quote)
        await scope.answer(shown)
    return shown


async def quote_figures(
    scope: Scope, evaluation: Evaluation, *, exact_max: int = QUOTE_EXACT_RECIPIENTS_MAX
) -> QuoteFigures:
    """A step. Same inputs, same bytes (N5). Over `exact_max` candidates a sample is scaled."""
    candidates = await candidate_count(scope, evaluation)
    is_exact = candidates <= exact_max
    tally = Tally()
    after: UUID | None = None
    while is_exact or tally.evaluated < QUOTE_SAMPLE_RECIPIENTS:
        page = await evaluate_page(scope, evaluation, after)
        if page.next_after is None:
            break
        _refuse_what_a_trial_may_not(page)
        tally.add(page)
        after = page.next_after
    return tally.figures(evaluation, candidates, is_exact=is_exact)


async def check_daily_cap(scope: Scope, session_id: UUID, recipients: int) -> None:
    """A step. Raises Forbidden `trial_daily_cap`."""
    used = await contents.recipients_since(scope, scope.now - _DAY, session_id)
    if used + recipients > TEMPLATE_ONLY_RECIPIENTS_PER_DAY:
        raise Forbidden(
            "trial_daily_cap",
            "until your number is verified, a day has a small number of messages",
            allowed_max=TEMPLATE_ONLY_RECIPIENTS_PER_DAY,
            used=used,
            wanted=recipients,
        )


def _refuse_what_a_trial_may_not(page: EvaluatedPage) -> None:
    for exclusion in page.exclusions:
        if exclusion.evidence == TRIAL_RECIPIENTS:
            raise Forbidden(
                "trial_recipients",
                "a trial sends to its own verified number only",
                subscriber_id=str(exclusion.subscriber_id),
            )
        if exclusion.evidence.startswith(f"{TEMPLATE_ONLY}:"):
            _, reason, part = exclusion.evidence.split(":", 2)
            raise Forbidden(
                "template_only",
                f"only plain values until your number is verified: {part} ({reason})",
                part=part,
                reason=reason,
                subscriber_id=str(exclusion.subscriber_id),
            )


class Tally:
    """Sums over evaluated pages; every recipient is in it once."""

    def __init__(self) -> None:
        self._messages: Counter[tuple[str, int, str, int]] = Counter()
        self._excluded: Counter[str] = Counter()
        self._opens: Counter[datetime] = Counter()
        self._longest: EvaluatedMessage | None = None

    @property
    def evaluated(self) -> int:
        return self._messages.total() + self._excluded.total()

    def add(self, page: EvaluatedPage) -> None:
        self._messages.update(
            (one.country, one.segments, one.encoding, one.credits) for one in page.messages
        )
        self._opens.update(one.not_before for one in page.messages if one.not_before)
        self._excluded.update(one.reason.value for one in page.exclusions)
        longest = max(page.messages, key=_weight, default=None)
        if longest and (self._longest is None or _weight(longest) > _weight(self._longest)):
            self._longest = longest

    def figures(self, evaluation: Evaluation, candidates: int, *, is_exact: bool) -> QuoteFigures:
        evaluated = max(self.evaluated, 1)

        def scaled(number: int) -> int:
            """Rounded up: an estimate that is too low is a broken promise."""
            return number if is_exact else -(-number * candidates // evaluated)

        countries: dict[str, list[int]] = {}
        by_segments: Counter[int] = Counter()
        by_encoding: Counter[str] = Counter()
        for (country, segments, encoding, credits_each), number in self._messages.items():
            sums = countries.setdefault(country, [0, 0, 0])
            sums[0] += number
            sums[1] += number * segments
            sums[2] += number * credits_each
            by_segments[segments] += number
            by_encoding[encoding] += number
        by_country = [
            CountryFigures(
                country=country,
                recipients=scaled(recipients),
                segments=scaled(segments),
                credits=scaled(cost),
            )
            for country, (recipients, segments, cost) in sorted(countries.items())
        ]
        total = sum(one.credits for one in by_country)
        return QuoteFigures(
            is_exact=is_exact,
            candidates=candidates,
            recipients=sum(one.recipients for one in by_country),
            excluded={reason: scaled(n) for reason, n in sorted(self._excluded.items())},
            segments=sum(one.segments for one in by_country),
            credits=total,
            margin_credits=evaluation.prices.margin(total),
            segments_min=min(by_segments, default=0),
            # Of several equally frequent ones the smaller.
            segments_typical=min(by_segments, key=lambda n: (-by_segments[n], n), default=0),
            segments_max=max(by_segments, default=0),
            gsm7_messages=scaled(by_encoding["gsm7"]),
            ucs2_messages=scaled(by_encoding["ucs2"]),
            countries=by_country,
            longest_text=self._longest.body if self._longest else "",
            waiting_recipients=scaled(self._opens.total()),
            waiting_first_at=min(self._opens, default=None),
            waiting_last_at=max(self._opens, default=None),
        )


def _weight(message: EvaluatedMessage) -> tuple[int, int]:
    return message.segments, len(message.body)
