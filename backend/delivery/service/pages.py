"""One evaluated page becomes rows: messages in batches, exclusions with their evidence."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy, deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from backend.audience.service.reach import room_left
from backend.campaigns.schemas.evaluation import (
    EvaluatedMessage,
    EvaluatedPage,
    Exclusion,
    ExclusionReason,
)
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.progress import open_batches
from backend.db.scope import Scope
from backend.delivery.queries import preparing as queries
from backend.delivery.queries.preparing import NewBatch, SessionKey
from backend.delivery.service.ways import (
    BATCH_MESSAGES_MAX,
    BATCH_SECONDS_MAX,
    Unserved,
    end_of_batch,
)
from backend.gateways.choice import Serving, Shares, serving
from backend.gateways.schemas import StandingGateway

HITS_RATIO_MAX: Final = 0.01
"""More rendered texts than this outside the approval, and the session goes back to validation."""
HITS_SHOWN_MAX: Final = 20


class Window(NamedTuple):
    """When a batch may go: all of its messages open together and close together."""

    opens_at: datetime | None
    closes_at: datetime | None

    @property
    def last_moment(self) -> datetime | None:
        """To be taken up before, so that the last of it leaves before the window closes."""
        if self.closes_at is None:
            return None
        early = self.closes_at - timedelta(seconds=BATCH_SECONDS_MAX)
        if self.opens_at is not None and early <= self.opens_at:
            return self.closes_at
        return early


class PageWriter:
    """Counts through the pages of one preparation.

    A phone belongs to one subscriber of a tenant, so it comes twice only where it changed hands
    between two pages. Then the key of the messages refuses the page, which is written again with
    `looks_for_repeated`, and what follows too: asking for each page costs a third of writing it.
    """

    def __init__(
        self, session: SessionRow, key: SessionKey, ways: Sequence[StandingGateway], sender: str
    ) -> None:
        self.session = session
        self.key = key
        self.sender = sender
        self._ways = ways
        self._serving: dict[str, Serving] = {}
        self._shares = Shares((session.id, session.generation), BATCH_MESSAGES_MAX)
        self._n = self._k = self._batch_no = 0
        self._hits = 0
        self._segments_max = 0
        self._countries: set[str] = set()
        self._seen: list[str] = []
        self.looks_for_repeated = False

    def begun(self) -> "PageWriter":
        """As it is now: to go on from if the page that comes is not written."""
        kept = copy(self)
        vars(kept).update(
            _shares=deepcopy(self._shares),
            _countries=set(self._countries),
            _seen=list(self._seen),
        )
        return kept

    async def write(self, scope: Scope, page: EvaluatedPage, hits: Mapping[int, str]) -> None:
        """Rows, exclusions, batches and their progress rows in the caller's transaction. Raises
        Unserved where somebody cannot be reached by any working gateway.
        """
        messages, exclusions = self._sorted_out(page, hits)
        known: set[str] = set()
        if self.looks_for_repeated:
            phones = [message.phone for message in messages]
            known = await queries.known_phones(scope, self.key, self.session.generation, phones)
        messages, repeated = _without_duplicates(messages, known)
        messages, capped = await self._under_caps(scope, messages)
        exclusions += [*repeated, *capped]
        if exclusions:
            generation = self.session.generation
            await queries.insert_exclusions(scope, self.key, generation, self._k + 1, exclusions)
            self._k += len(exclusions)
        rows: list[tuple[int, int, EvaluatedMessage]] = []
        batches: list[NewBatch] = []
        for window, group in _by_window(messages):
            for among, of_way in self._by_way(group):
                for gateway, chunk in self._chunks(among, of_way):
                    batches.append(self._batch(gateway, chunk, window, scope.now))
                    first = batches[-1].first_n
                    rows += [
                        (first + i, self._batch_no, message) for i, message in enumerate(chunk)
                    ]
        if not rows:
            return
        await queries.insert_messages(scope, self.key, self.session.generation, rows)
        await queries.insert_batches(scope, self.key, self.session.generation, batches)
        planned = {batch.batch_no: batch.last_n - batch.first_n + 1 for batch in batches}
        await open_batches(scope, self.session.id, planned)

    def _sorted_out(
        self, page: EvaluatedPage, hits: Mapping[int, str]
    ) -> tuple[list[EvaluatedMessage], list[Exclusion]]:
        kept: list[EvaluatedMessage] = []
        exclusions = list(page.exclusions)
        for index, message in enumerate(page.messages):
            evidence = hits.get(index)
            if evidence is not None:
                self._hits += 1
                if evidence not in self._seen and len(self._seen) < HITS_SHOWN_MAX:
                    self._seen.append(evidence)
                exclusions.append(_excluded(message, ExclusionReason.UNAPPROVED_CONTENT, evidence))
                continue
            self._countries.add(message.country)
            self._segments_max = max(self._segments_max, message.segments)
            kept.append(message)
        return kept, exclusions

    def _by_way(
        self, group: Sequence[EvaluatedMessage]
    ) -> Iterable[tuple[Serving, list[EvaluatedMessage]]]:
        """Countries that the same gateways serve share batches."""
        missing = sorted({message.country for message in group} - self._serving.keys())
        self._serving |= {country: serving(self._ways, country) for country in missing}
        unserved = sorted(country for country, among in self._serving.items() if not among)
        if unserved:
            raise Unserved(unserved)
        ways: dict[tuple[UUID, ...], tuple[Serving, list[EvaluatedMessage]]] = {}
        for message in group:
            among = self._serving[message.country]
            key = tuple(gateway.id for gateway in among)
            ways.setdefault(key, (among, []))[1].append(message)
        return ways.values()

    def _chunks(
        self, among: Serving, group: Sequence[EvaluatedMessage]
    ) -> Iterable[tuple[StandingGateway, Sequence[EvaluatedMessage]]]:
        segments = [message.segments for message in group]
        start = 0
        while start < len(group):
            gateway = self._shares.choose(among)
            end = end_of_batch(segments, start, gateway)
            self._shares.count(among, gateway, sum(segments[start:end]))
            yield gateway, group[start:end]
            start = end

    async def _under_caps(
        self, scope: Scope, messages: list[EvaluatedMessage]
    ) -> tuple[list[EvaluatedMessage], list[Exclusion]]:
        """What other sessions have under way counts as well: it is accepted a moment later. And
        what was accepted since the page was evaluated, which is asked last, so that nothing is
        seen as neither.
        """
        capped = [message for message in messages if message.cap_left is not None]
        if not capped:
            return messages, []
        await queries.lock_caps(scope)
        pending = await queries.pending_phones(scope, self.key, [one.phone for one in capped])
        named = [(one.phone, one.cap_evidence) for one in capped if one.cap_evidence is not None]
        left = {one.phone: one.cap_left for one in capped if one.cap_left is not None}
        left |= await room_left(scope, named, scope.now)
        kept: list[EvaluatedMessage] = []
        exclusions: list[Exclusion] = []
        for message in messages:
            if message.cap_left is None or pending.get(message.phone, 0) < left[message.phone]:
                kept.append(message)
            else:
                reason, evidence = ExclusionReason.FREQUENCY_CAP, message.cap_evidence or "cap"
                exclusions.append(_excluded(message, reason, evidence))
        return kept, exclusions

    def _batch(
        self,
        gateway: StandingGateway,
        chunk: Sequence[EvaluatedMessage],
        window: Window,
        now: datetime,
    ) -> NewBatch:
        self._batch_no += 1
        first = self._n + 1
        self._n += len(chunk)
        return NewBatch(
            batch_no=self._batch_no,
            gateway_id=gateway.id,
            sender=self.sender,
            first_n=first,
            last_n=self._n,
            segments=sum(message.segments for message in chunk),
            credits=sum(message.credits for message in chunk),
            not_before=window.opens_at or now,
            opens_at=window.opens_at,
            not_after=window.last_moment,
        )

    def bounds_exceeded(self, *, is_last: bool) -> dict[str, Any] | None:
        """What the moderator has to see again; None inside the approval."""
        bounds = self.session.bounds
        if bounds is None:
            return None
        recipients = self._n
        if recipients > bounds.recipients_max:
            return {"reason": "recipients", "found": recipients, "allowed": bounds.recipients_max}
        if self._segments_max > bounds.segments_max:
            return {
                "reason": "segments",
                "found": self._segments_max,
                "allowed": bounds.segments_max,
            }
        foreign = sorted(self._countries - set(bounds.countries))
        if foreign:
            return {"reason": "countries", "found": foreign, "allowed": bounds.countries}
        of = recipients + self._hits if is_last else bounds.recipients_max
        if self._hits > of * HITS_RATIO_MAX:
            return {"reason": "unapproved_content", "found": self._hits, "seen": self._seen}
        return None


def _excluded(message: EvaluatedMessage, reason: ExclusionReason, evidence: str) -> Exclusion:
    return Exclusion(
        subscriber_id=message.subscriber_id,
        phone=message.phone,
        reason=reason,
        evidence=evidence,
    )


def _without_duplicates(
    messages: Iterable[EvaluatedMessage], known: set[str]
) -> tuple[list[EvaluatedMessage], list[Exclusion]]:
    kept: list[EvaluatedMessage] = []
    repeated: list[Exclusion] = []
    seen = set(known)
    for message in messages:
        if message.phone in seen:
            reason = ExclusionReason.DUPLICATE
            repeated.append(_excluded(message, reason, f"phone:{message.phone}"))
        else:
            seen.add(message.phone)
            kept.append(message)
    return kept, repeated


def _by_window(
    messages: Iterable[EvaluatedMessage],
) -> list[tuple[Window, list[EvaluatedMessage]]]:
    """Openings lie on a few minutes of the day, one for each zone and rule; those that may go at
    once come first.
    """
    groups: dict[Window, list[EvaluatedMessage]] = {}
    for message in messages:
        groups.setdefault(Window(message.not_before, message.not_after), []).append(message)
    return sorted(groups.items(), key=lambda found: _order(found[0]))


def _order(window: Window) -> tuple[bool, datetime, datetime]:
    return (
        window.opens_at is not None,
        window.opens_at or datetime.min.replace(tzinfo=UTC),
        window.closes_at or datetime.max.replace(tzinfo=UTC),
    )
