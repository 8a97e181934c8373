"""An example for every operation, made from its types, so none can be forgotten or go stale.

`msgspec.Meta(examples=[…])` on a field decides its value; the rest is filled in by type, always
the same way, because the exported document is compared byte by byte.
"""

from typing import Any, Final

import msgspec
from msgspec import inspect

_ID: Final = "01890a5d-ac96-774b-bcce-b302099a8057"
_TIME: Final = "2026-03-01T09:30:00Z"
_NESTING_LIMIT: Final = 6

_BY_TYPE: Final[dict[type[inspect.Type], Any]] = {
    inspect.AnyType: {},
    inspect.BoolType: True,
    inspect.BytesType: "AAEC",
    inspect.DateType: "2026-03-01",
    inspect.DateTimeType: _TIME,
    inspect.DecimalType: "1.50",
    inspect.FloatType: 0.5,
    inspect.NoneType: None,
    inspect.TimeType: "09:30:00",
    inspect.TimeDeltaType: "PT1H",
    inspect.UUIDType: _ID,
}


def example_of(annotation: Any) -> Any:
    """JSON-ready example of anything msgspec can describe."""
    return _example(inspect.type_info(annotation), "", 0)


def _example(kind: inspect.Type, name: str, level: int) -> Any:
    if isinstance(kind, inspect.Metadata):
        given = (kind.extra_json_schema or {}).get("examples")
        return given[0] if given else _example(kind.type, name, level)
    if type(kind) in _BY_TYPE:
        return _BY_TYPE[type(kind)]
    if isinstance(kind, inspect.IntType):
        return _integer(kind)
    if isinstance(kind, inspect.StrType):
        return _text(kind, name)
    if isinstance(kind, inspect.EnumType):
        return next(iter(kind.cls)).value
    if isinstance(kind, inspect.LiteralType):
        return kind.values[0]
    if isinstance(kind, inspect.UnionType):
        chosen = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
        return _example(chosen, name, level)
    if level >= _NESTING_LIMIT:
        return None
    return _container(kind, name, level)


def _container(kind: inspect.Type, name: str, level: int) -> Any:
    if isinstance(kind, inspect.StructType):
        return {
            field.encode_name: _example(field.type, field.encode_name, level + 1)
            for field in kind.fields
        }
    if isinstance(kind, (inspect.ListType, inspect.SetType, inspect.FrozenSetType)):
        return [_example(kind.item_type, name.removesuffix("s"), level + 1)]
    if isinstance(kind, inspect.VarTupleType):
        return [_example(kind.item_type, name, level + 1)]
    if isinstance(kind, inspect.TupleType):
        return [_example(item, name, level + 1) for item in kind.item_types]
    if isinstance(kind, inspect.DictType):
        return {"name": _example(kind.value_type, name, level + 1)}
    return None


def _integer(kind: inspect.IntType) -> int:
    if kind.ge is not None:
        return max(1, kind.ge)
    if kind.gt is not None:
        return max(1, kind.gt + 1)
    return 1 if kind.le is None else min(1, kind.le)


def _text(kind: inspect.StrType, name: str) -> str:
    value = name.replace("_", " ") or "text"
    if kind.min_length is not None and len(value) < kind.min_length:
        value = value.ljust(kind.min_length, "x")
    return value if kind.max_length is None else value[: kind.max_length]


def to_json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=1) + b"\n"
