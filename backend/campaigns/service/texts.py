"""What the composer asks while somebody types: encoding, segments, links, names, problems."""

from backend.audience.service.names import known_names
from backend.campaigns.schemas.inputs import TextCheck
from backend.campaigns.schemas.texts import LinkView, OffendingView, TextView
from backend.campaigns.service.inspection import POINTERS, Inspection, inspect_text
from backend.db.scope import tenant_scope
from backend.kernel.errors import FieldError
from backend.kernel.principal import Principal
from backend.sms import encoding, links, segments
from backend.sms.characters import check_text as check_characters, describe, normalise_text
from backend.sms.encoding import Encoding, Offending
from backend.templates.rendering.compose import CompiledMessage, compose

OFFENDING_SHOWN_MAX = 50
_PARTS = ("header", "body", "footer")


async def check_text(principal: Principal, given: TextCheck) -> TextView:
    async with tenant_scope(principal) as scope:
        names = await known_names(scope)
    return describe_text(given, names)


def describe_text(given: TextCheck, names: frozenset[str]) -> TextView:
    """Pure. Never raises for what a person may still be typing."""
    sources = [normalise_text(part) for part in (given.header, given.body, given.footer)]
    found = Inspection()
    for source, pointer in zip(sources, POINTERS, strict=True):
        found.problems += [
            FieldError(pointer, one.code, describe(one)) for one in check_characters(source)
        ]
    header, body, footer = sources
    message = inspect_text(found, body, header, footer, names)
    text = _shown(found, message, compose(header, body, footer))
    count = segments.count(text)
    offending = [
        (part, one)
        for part, source in zip(_PARTS, sources, strict=True)
        for one in encoding.offending(source)
    ]
    if offending:
        found.warnings.append(_ucs2_warning(text, offending, count.segments))
    return TextView(
        text=text,
        is_fixed=message is not None and all(part.is_fixed for part in message.parts),
        encoding=count.encoding,
        units=count.units,
        units_left=count.units_left,
        segments=count.segments,
        gsm7_segments=_gsm7_segments(text) if count.encoding is Encoding.UCS2 else None,
        offending=[
            OffendingView(
                part=part,
                position=one.position,
                character=one.character,
                suggestion=one.suggestion,
            )
            for part, one in offending[:OFFENDING_SHOWN_MAX]
        ],
        links=[
            LinkView(
                start=link.span[0],
                end=link.span[1],
                text=link.text,
                host=link.host,
                flags=sorted(link.flags),
            )
            for link in links.find(text)
        ],
        properties=sorted(message.properties) if message else [],
        attributes=sorted(message.attributes.values()) if message else [],
        problems=found.problems,
        warnings=found.warnings,
    )


def _shown(found: Inspection, message: CompiledMessage | None, source: str) -> str:
    """The message with every place holding its own name: about as long as a real one."""
    if message is None:
        return source
    text = message.render({name: name for name in message.properties}, message.attributes)
    if isinstance(text, str):
        return text
    found.problems.append(FieldError("/body", text.code.value, text.detail or text.code.value))
    return source


def _gsm7_segments(text: str) -> int | None:
    """None where a character has no replacement that keeps the meaning."""
    pieces = list(text)
    for one in encoding.offending(text):
        if one.suggestion is None:
            return None
        pieces[one.position] = one.suggestion
    return segments.count("".join(pieces)).segments


def _ucs2_warning(text: str, offending: list[tuple[str, Offending]], counted: int) -> FieldError:
    """Row B37: which character, and what it costs."""
    part, first = offending[0]
    number = len({one.character for _, one in offending})
    characters = "1 character" if number == 1 else f"{number} characters"
    plain = _gsm7_segments(text)
    saved = f"; without, it would be {plain}" if plain is not None and plain < counted else ""
    makes = "makes" if number == 1 else "make"
    message = f"{characters} ({first.character} …) {makes} this {counted} segments{saved}"
    if number == 1:
        message = message.replace(" …", "")
    return FieldError(f"/{part}", "forces_ucs2", message)
