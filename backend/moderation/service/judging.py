"""Pure: from what a dry run saw to what becomes of the submission."""

from collections.abc import Iterable, Sequence

from backend.campaigns.schemas.sessions import ApprovalBounds, SessionRow
from backend.gateways.schemas import StandingGateway
from backend.gateways.states import GatewayState
from backend.identity.schemas import AutoValidation
from backend.moderation.dry_run import EMPTY
from backend.moderation.queries.screenings import Screening
from backend.moderation.rule_book import RuleBook
from backend.moderation.rules import normal_hosts
from backend.moderation.schemas.screening import Change, Changed, DryRun, Hit, Problem, Severity

RECIPIENTS_MARGIN_PERCENT = 20
RECIPIENTS_MARGIN_MIN = 100


def bounds_of(dry_run: DryRun, hits: Iterable[Hit], book: RuleBook) -> ApprovalBounds:
    """What leaves later stays inside: lists change a little between approval and dispatch."""
    screened = dry_run.recipients
    margin = max(-(-screened * RECIPIENTS_MARGIN_PERCENT // 100), RECIPIENTS_MARGIN_MIN)
    hit = {one.rule for one in hits}
    return ApprovalBounds(
        hosts=[one.host for one in dry_run.hosts],
        countries=sorted(dry_run.countries),
        recipients_max=screened + margin,
        segments_max=dry_run.segments_max,
        clean_rules=sorted(book.rules.keys() - hit),
        rules_version=book.version,
    )


def changes_of(session: SessionRow, before: Screening | None, after: Screening) -> list[Change]:
    """Against what was approved: the bounds where they stand, else what screening saw then."""
    found = []
    approved_hash = session.approved_hash or (before.hash if before else after.hash)
    if after.hash != approved_hash:
        found.append(Change(what=Changed.CONTENT, removed=[approved_hash], added=[after.hash]))
    old, new, bounds = before.dry_run if before else EMPTY, after.dry_run, session.bounds
    for what, allowed in (
        (Changed.RECIPIENTS, bounds.recipients_max if bounds else None),
        (Changed.SEGMENTS_MAX, bounds.segments_max if bounds else None),
        (Changed.CREDITS, session.ceiling_credits),
    ):
        figures = (getattr(old, what), getattr(new, what))
        if figures[0] != figures[1]:
            found.append(Change(what=what, before=figures[0], after=figures[1], allowed=allowed))
    hits = {hit.rule for hit in before.hits} if before else set()
    for what, was, now in (
        (Changed.HOSTS, {one.host for one in old.hosts}, {one.host for one in new.hosts}),
        (Changed.COUNTRIES, set(old.countries), set(new.countries)),
        (Changed.RULES, hits, {hit.rule for hit in after.hits}),
    ):
        approved = was | set(getattr(bounds, what, ()))
        if now - approved or was - now:
            gone, come = sorted(was - now), sorted(now - approved)
            found.append(Change(what=what, added=come, removed=gone))
    return found


def problems_of(
    dry_run: DryRun,
    hits: Iterable[Hit],
    ceiling_credits: int | None,
    gateways: Sequence[StandingGateway],
    *,
    withdrawn: str | None = None,
) -> list[Problem]:
    """What sends the submission back to its draft; empty: it is clean."""
    found = [
        Problem(
            code=hit.rule,
            message=hit.message,
            rule=hit.rule,
            text=hit.text,
            span=hit.span,
            matched=hit.matched,
            messages=hit.messages,
        )
        for hit in hits
        if hit.severity is Severity.BLOCK
    ]
    if withdrawn is not None:
        message = f"The {withdrawn} is not approved any more: choose another one."
        found.append(Problem(code=f"{withdrawn}_withdrawn", message=message))
    found += _without_way(dry_run, gateways)
    if not dry_run.recipients:
        found.append(
            Problem(
                code="nobody_to_send_to",
                message="Everybody of this audience is left out.",
                facts=dry_run.excluded,
            )
        )
    if ceiling_credits is not None and dry_run.credits > ceiling_credits:
        found.append(
            Problem(
                code="price_over_ceiling",
                message="The exact price is over the one you confirmed: ask for a new quote.",
                facts={"required": dry_run.credits, "confirmed": ceiling_credits},
            )
        )
    return found


def _without_way(dry_run: DryRun, gateways: Sequence[StandingGateway]) -> list[Problem]:
    """Whether a gateway stands, not whether it works this minute: that is asked at dispatch."""
    active = [gateway for gateway in gateways if gateway.state is GatewayState.ACTIVE]
    if not active:
        message = "There is no connection to a carrier yet: ask the people who run this platform."
        return [Problem(code="no_gateway", message=message)]
    missing = {
        country: recipients
        for country, recipients in sorted(dry_run.countries.items())
        if not any(gateway.serves(country) for gateway in active)
    }
    if not missing:
        return []
    message = f"No connection to a carrier serves {', '.join(missing)}: leave these numbers out."
    return [Problem(code="no_gateway", message=message, facts=missing)]


def is_inside(bounds: ApprovalBounds, dry_run: DryRun, hits: Iterable[Hit]) -> bool:
    """Whether an earlier approval covers this dry run."""
    clean = set(bounds.clean_rules)
    return (
        dry_run.recipients <= bounds.recipients_max
        and dry_run.segments_max <= bounds.segments_max
        and not dry_run.hosts_left_out
        and {one.host for one in dry_run.hosts} <= set(bounds.hosts)
        and dry_run.countries.keys() <= set(bounds.countries)
        and not any(hit.rule in clean and hit.severity is not Severity.INFO for hit in hits)
    )


def is_auto_validated(
    privilege: AutoValidation | None, dry_run: DryRun, hits: Iterable[Hit]
) -> bool:
    """A host the staff granted is no new host; any other flag asks for a person."""
    if privilege is None or dry_run.hosts_left_out:
        return False
    return (
        dry_run.recipients <= privilege.recipients_max
        and {one.host for one in dry_run.hosts} <= normal_hosts(privilege.hosts)
        and dry_run.countries.keys() <= set(privilege.countries)
        and all(hit.severity is Severity.INFO for hit in hits)
    )
