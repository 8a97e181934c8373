"""A set of content rules, checked and compiled: what the pure rules in `rules` and `texts` ask."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from backend.kernel.errors import InvalidInput, invalid_field
from backend.moderation.lookalikes import Brands
from backend.moderation.rule_words import TextMatcher, check_pattern, stem_source, word_source
from backend.moderation.schemas.rules import LinkForm, Rule, RuleKind
from backend.moderation.schemas.screening import Severity
from backend.sms.links import canonical_host

BUILT_IN_VERSION: Final = 0
ALL_WORDS_MAX: Final = 2_000
"""Of all rules of a set together: every text is searched for all of them."""

K = RuleKind
_BASE: Final = frozenset(
    {"id", "kind", "severity", "points", "message", "is_on", "content_class"},
)
FIELDS: Final[dict[RuleKind, frozenset[str]]] = {
    **dict.fromkeys(RuleKind, frozenset[str]()),
    K.WORDS: frozenset({"words"}),
    K.PATTERN: frozenset({"pattern"}),
    K.LINK_FORM: frozenset({"forms"}),
    K.SHORTENER: frozenset({"hosts"}),
    K.CONFUSABLE_HOST: frozenset({"brands"}),
    K.CONFUSABLE_SENDER: frozenset({"brands"}),
    K.BRAND_ELSEWHERE: frozenset({"brands"}),
    K.NO_OPT_OUT: frozenset({"words"}),
    K.ALL_CAPITALS: frozenset({"letters_min", "capitals_percent_max"}),
    K.UNUSUAL_SIZE: frozenset({"recipients_min", "times_max"}),
    K.NEAR_DUPLICATE: frozenset({"similar_percent_min", "days_max"}),
}
"""What a rule of a kind reads beside what every rule has."""
_NEEDED: Final = {
    K.WORDS: "words",
    K.PATTERN: "pattern",
    K.LINK_FORM: "forms",
    K.NO_OPT_OUT: "words",
    **dict.fromkeys((K.CONFUSABLE_HOST, K.CONFUSABLE_SENDER, K.BRAND_ELSEWHERE), "brands"),
}


class RuleBook:
    """The rules that are on, by what asks for them. Equal rules give equal books."""

    __slots__ = (
        *("brands", "by_form", "by_kind", "capitals", "hash", "matcher", "needs_texts"),
        *("rules", "shorteners", "text_rules", "version"),
    )

    def __init__(self, version: int, rules: Sequence[Rule]) -> None:
        on = [rule for rule in rules if rule.is_on]
        self.version = version
        self.rules = {rule.id: rule for rule in on}
        by_kind: dict[RuleKind, list[Rule]] = defaultdict(list)
        for rule in on:
            by_kind[rule.kind].append(rule)
        self.by_kind = {kind: tuple(by_kind[kind]) for kind in RuleKind}
        self.by_form = {
            form: tuple(rule.id for rule in self.by_kind[K.LINK_FORM] if form in rule.forms)
            for form in LinkForm
        }
        self.shorteners = {
            rule.id: frozenset(map(canonical_host, rule.hosts))
            for rule in self.by_kind[K.SHORTENER]
        }
        named = (K.CONFUSABLE_HOST, K.CONFUSABLE_SENDER, K.BRAND_ELSEWHERE)
        self.brands = {rule.id: Brands(rule.brands) for kind in named for rule in by_kind[kind]}
        self.capitals = {
            rule.id: (rule.letters_min or 20, rule.capitals_percent_max or 70)
            for rule in self.by_kind[K.ALL_CAPITALS]
        }
        self.matcher = TextMatcher({name: found for name, found in _sources(on) if found})
        self.text_rules = frozenset(rule.id for rule in on if rule.kind in {K.WORDS, K.PATTERN})
        # Words that only inform change nothing about what may leave.
        self.needs_texts = any(
            rule.severity is not Severity.INFO
            for kind in (K.WORDS, K.PATTERN)
            for rule in self.by_kind[kind]
        )


def _sources(rules: Sequence[Rule]) -> list[tuple[str, list[str]]]:
    found = []
    for rule in rules:
        if rule.kind is K.WORDS:
            found.append((rule.id, [word_source(word) for word in rule.words]))
        elif rule.kind is K.PATTERN:
            found.append((rule.id, [f"(?i){rule.pattern}"]))
        elif rule.kind is K.NO_OPT_OUT:
            found.append((rule.id, [stem_source(rule.words)]))
        elif rule.kind is K.BRAND_ELSEWHERE:
            found += [(brand_key(rule.id, b.name), [word_source(b.name)]) for b in rule.brands]
    return [(name, [source for source in sources if source]) for name, sources in found]


def brand_key(rule_id: str, name: str) -> str:
    return f"{rule_id}:{name}"


def check_rules(rules: Sequence[Rule]) -> None:
    """Raises InvalidInput at the first rule that cannot stand: `rule_id_taken`,
    `rule_field_unused`, `rule_field_missing`, `rule_word_empty`, `rule_words_max`,
    `pattern_invalid`, `pattern_matches_everything`, `host_invalid`.
    """
    seen: set[str] = set()
    words = 0
    for at, rule in enumerate(rules):
        where = f"/rules/{at}"
        if rule.id in seen:
            raise invalid_field(f"{where}/id", "rule_id_taken", f"{rule.id} is there twice")
        seen.add(rule.id)
        _check_fields(rule, where)
        words += len(rule.words) + len(rule.brands)
        if words > ALL_WORDS_MAX:
            text = f"a set holds {ALL_WORDS_MAX} words and brands at most"
            raise invalid_field(f"{where}/words", "rule_words_max", text, limit=ALL_WORDS_MAX)
        for number, word in enumerate(rule.words):
            if not word_source(word):
                text = "a word holds letters or digits"
                raise invalid_field(f"{where}/words/{number}", "rule_word_empty", text)
        _check_pattern(rule, where)
        for number, host in enumerate([*rule.hosts, *(h for b in rule.brands for h in b.hosts)]):
            if "." not in host or not canonical_host(host):
                raise invalid_field(
                    f"{where}/hosts/{number}", "host_invalid", "a host looks like name.example"
                )
    # What each is small enough for may be too much together: the set says so when it compiles.
    try:
        RuleBook(BUILT_IN_VERSION, rules)
    except Exception as error:
        raise InvalidInput("rules_too_large", "these rules are too many to search for") from error


def _check_fields(rule: Rule, where: str) -> None:
    reads = _BASE | FIELDS[rule.kind]
    for field in msgspec.structs.fields(Rule):
        given = getattr(rule, field.name)
        if field.name not in reads and given not in (None, "", []):
            text = f"a rule of kind {rule.kind} does not read {field.name}"
            raise invalid_field(f"{where}/{field.name}", "rule_field_unused", text)
    needed = _NEEDED.get(rule.kind)
    if needed and not getattr(rule, needed):
        text = f"a rule of kind {rule.kind} needs {needed}"
        raise invalid_field(f"{where}/{needed}", "rule_field_missing", text)


def _check_pattern(rule: Rule, where: str) -> None:
    if rule.kind is not K.PATTERN:
        return
    try:
        check_pattern(rule.pattern)
    except InvalidInput as error:
        raise invalid_field(f"{where}/pattern", error.code, error.detail) from error


def rules_hash(rules: Sequence[Rule]) -> str:
    """SHA-256 (hex) over the rules in their order."""
    return hashlib.sha256(msgspec.json.encode(list(rules))).hexdigest()


BUILT_IN_RULES: Final[tuple[Rule, ...]] = tuple(
    msgspec.json.decode(Path(__file__).with_name("rule_book.json").read_bytes(), type=list[Rule])
)
BUILT_IN: Final = RuleBook(BUILT_IN_VERSION, BUILT_IN_RULES)
_compiled: dict[tuple[int, str], RuleBook] = {}
COMPILED_MAX: Final = 16


def book_of(version: int, hashed: str, rules: Any) -> RuleBook:
    """Compiled once per process; `rules` as they are stored."""
    known = _compiled.get((version, hashed))
    if known is None:
        if len(_compiled) >= COMPILED_MAX:
            _compiled.clear()
        known = _compiled[version, hashed] = RuleBook(version, msgspec.convert(rules, list[Rule]))
    return known
