"""The content rules: pure, deterministic, each with an id. A rule blocks only if it says so.

The same rules read the fixed text of a template, every text of a dry run, and again every text
that is about to leave. Which rules there are is data: see `rule_book`.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from backend.moderation.rule_book import BUILT_IN, RuleBook, brand_key
from backend.moderation.schemas.rules import LinkForm, Rule, RuleKind
from backend.moderation.schemas.screening import DryRun, Hit, SubmissionContext
from backend.sms.links import Link, LinkFlag, canonical_host
from backend.sms.skeletons import plain_bytes

UNUSUAL_SIZE_TIMES: Final = 5
UNUSUAL_SIZE_RECIPIENTS_MIN: Final = 500
SIMILAR_PERCENT_MIN: Final = 80
SCORE_MAX: Final = 100
K = RuleKind

_FORMS: Final = (
    (LinkFlag.BAD_SCHEME, LinkForm.BAD_SCHEME),
    (LinkFlag.USERINFO, LinkForm.USER),
    (LinkFlag.ZERO_WIDTH, LinkForm.HIDDEN_CHARACTERS),
    (LinkFlag.MIXED_SCRIPT, LinkForm.MIXED_SCRIPT),
    (LinkFlag.PUNYCODE, LinkForm.PUNYCODE),
    (LinkFlag.DISGUISED, LinkForm.DISGUISED),
)
_HOLE: Final = re.compile(r"\S {2,}\S|\w [,.!](?:\s|$)|\( *\)|^ *[,.!]", re.MULTILINE)
_MAY_BE_HOLE: Final = ("  ", " ,", " .", " !", "(", "\n,", "\n.", "\n!")
_CAPITALS: Final = bytes(code for code in range(256) if chr(code).isupper())
_LETTERS: Final = bytes(code for code in range(256) if chr(code).isalpha())


class RuleSet(msgspec.Struct, frozen=True, kw_only=True):
    """The rules, and what is data about them. `fixed_hosts`: written by the tenant in the text."""

    blocked_hosts: frozenset[str] = frozenset()
    fixed_hosts: frozenset[str] = frozenset()
    known_hosts: frozenset[str] = frozenset()
    book: RuleBook = BUILT_IN


class Match(NamedTuple):
    """`span` None: looked for only where somebody will see it."""

    rule: str
    span: tuple[int, int] | None
    host: str


def link_rules(link: Link, rules: RuleSet) -> Iterator[str]:
    """Ids of the rules a link hits, by its form and the lists: what is new is not asked here."""
    book = rules.book
    for rule in book.by_kind[K.SHORTENER]:
        if LinkFlag.SHORTENER in link.flags or is_listed(link.host, book.shorteners[rule.id]):
            yield rule.id
    for flag, form in _FORMS:
        if flag in link.flags:
            yield from book.by_form[form]
    if LinkFlag.IP_HOST in link.flags:
        # 1.2.3.4 alone may be a version; with a scheme or a path it is meant to be opened.
        is_bare = "/" not in link.text and ":" not in link.text
        yield from book.by_form[LinkForm.BARE_ADDRESS if is_bare else LinkForm.ADDRESS]
    if is_listed(link.host, rules.blocked_hosts):
        for rule in book.by_kind[K.BLOCKED_HOST]:
            yield rule.id
    if LinkFlag.EMAIL not in link.flags:
        for rule in book.by_kind[K.CONFUSABLE_HOST]:
            if book.brands[rule.id].resembled_by_host(link.host):
                yield rule.id


def is_listed(host: str, hosts: frozenset[str]) -> bool:
    """The host itself or a domain above it."""
    if not hosts:
        return False
    labels = host.split(".")
    return any(".".join(labels[start:]) in hosts for start in range(len(labels)))


def text_rules(
    text: str, links: Sequence[Link], rules: RuleSet, *, has_values: bool
) -> Iterator[Match]:
    """What a text hits by its words and its shape. `has_values`: it may have holes."""
    book = rules.book
    names = book.matcher.names(plain_bytes(text))
    for rule in book.by_kind[K.NO_OPT_OUT]:
        if rule.id not in names:
            yield Match(rule.id, (0, len(text)), "")
    if names:
        for name in sorted(names & book.text_rules):
            yield Match(name, None, "")
        for rule in book.by_kind[K.BRAND_ELSEWHERE] if links else ():
            yield from _brand_elsewhere(rule, names, links, rules)
    for rule_id, (letters_min, percent) in book.capitals.items():
        if _shouts(text, letters_min, percent):
            yield Match(rule_id, (0, len(text)), "")
    if has_values and book.by_kind[K.EMPTY_FIELD]:
        hole = find_hole(text)
        if hole is not None:
            for rule in book.by_kind[K.EMPTY_FIELD]:
                yield Match(rule.id, hole, "")


def _brand_elsewhere(
    rule: Rule, names: set[str], links: Sequence[Link], rules: RuleSet
) -> Iterator[Match]:
    """A host a person approved for the tenant is the tenant's own affair: shops name their bank."""
    brands = rules.book.brands[rule.id]
    named = [name for name in brands.names if brand_key(rule.id, name) in names]
    for link in links:
        if not link.host or LinkFlag.EMAIL in link.flags or link.host in rules.known_hosts:
            continue
        if named and not any(brands.owns(name, link.host) for name in named):
            yield Match(rule.id, link.span, link.host)
            return


def _shouts(text: str, letters_min: int, percent: int) -> bool:
    try:
        # Bytes are counted a hundred times faster than characters.
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        letters, capitals = sum(map(str.isalpha, text)), sum(map(str.isupper, text))
    else:
        capitals = len(raw) - len(raw.translate(None, _CAPITALS))
        if capitals < letters_min * percent // 100:
            return False
        letters = len(raw) - len(raw.translate(None, _LETTERS))
    return letters >= letters_min and capitals * 100 > letters * percent


def find_hole(text: str) -> tuple[int, int] | None:
    if text[:1] not in " ,.!" and not any(sign in text for sign in _MAY_BE_HOLE):
        return None
    hole = _HOLE.search(text)
    return hole.span() if hole else None


def submission_rules(
    dry_run: DryRun, context: SubmissionContext, book: RuleBook
) -> Iterator[tuple[Rule, Hit]]:
    """What the whole submission hits, whatever its texts say; `messages` are recipients."""
    for rule in book.by_kind[K.TOO_MANY_HOSTS]:
        if dry_run.hosts_left_out:
            yield rule, _hit(rule, messages=dry_run.hosts_left_out)
    for rule in book.by_kind[K.UNUSUAL_SIZE]:
        if is_unusual_size(rule, dry_run.recipients, context.largest_approved):
            yield rule, _hit(rule, messages=dry_run.recipients)
    new = {c: n for c, n in dry_run.countries.items() if c not in context.countries_approved}
    for rule in book.by_kind[K.UNUSUAL_COUNTRY]:
        if new and context.countries_approved:
            names = ", ".join(sorted(new))
            yield rule, _hit(rule, names, messages=sum(new.values()))
    for rule in book.by_kind[K.FIRST_SUBMISSION]:
        if context.largest_approved is None:
            yield rule, _hit(rule, messages=dry_run.recipients)
    for rule in book.by_kind[K.CONFUSABLE_SENDER]:
        name = book.brands[rule.id].resembled_by_sender(context.sender) if context.sender else ""
        if name:
            yield rule, _hit(rule, context.sender, messages=dry_run.recipients)
    similar = context.similar_refused
    for rule in book.by_kind[K.NEAR_DUPLICATE]:
        if similar and similar.percent >= (rule.similar_percent_min or SIMILAR_PERCENT_MIN):
            found = _hit(rule, context.fixed_text, messages=dry_run.recipients)
            yield rule, msgspec.structs.replace(found, similar=similar)
    for rule in book.by_kind[K.STRIKES]:
        if context.is_lead_only:
            yield rule, _hit(rule, messages=dry_run.recipients)


def _hit(rule: Rule, text: str = "", *, messages: int) -> Hit:
    return Hit(
        rule=rule.id,
        severity=rule.severity,
        message=rule.message,
        text=text,
        span=(0, len(text)) if text else None,
        matched=text,
        messages=messages,
        points=rule.points,
    )


def is_unusual_size(rule: Rule, recipients: int, largest_approved: int | None) -> bool:
    least = rule.recipients_min or UNUSUAL_SIZE_RECIPIENTS_MIN
    if largest_approved is None or recipients < least:
        return False
    return recipients > largest_approved * (rule.times_max or UNUSUAL_SIZE_TIMES)


def score_of(hits: Sequence[Hit]) -> int:
    """0 to 100, the sum of the points: what to look at first among cases of equal slack."""
    return min(SCORE_MAX, sum(hit.points for hit in hits))


def normal_hosts(hosts: Sequence[str]) -> frozenset[str]:
    return frozenset(canonical_host(host) for host in hosts)
