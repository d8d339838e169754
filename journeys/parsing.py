"""From data to a typed definition or predicate; what does not fit comes back as readable issues.

Each issue has the JSON path of what is wrong and says what would be right. Only shapes are judged
here; `journeys.validation` judges the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from journeys.definition import BlockId, ClockTime, Definition, Key
from journeys.errors import InvalidInput, Issue
from journeys.locations import Place, field_types, locate, phrase, tagged_models
from journeys.paths import Step, closest, json_path, proposal, shown
from journeys.plain_data import plain_data_issues
from journeys.predicates import PREDICATE_KEYS, Predicate
from journeys.schema_texts import field_text

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

MAX_ISSUES = 100
"""No answer lists more than these."""

_DEFINITION: TypeAdapter[Definition] = TypeAdapter(Definition)
_PREDICATE: TypeAdapter[Any] = TypeAdapter(Predicate)


def parse_definition(data: object) -> Definition:
    """Read a workflow definition from plain data (parsed JSON or YAML).

    Raises InvalidInput with every issue of shape: unknown fields, wrong types, missing fields.
    """
    return _parse(_DEFINITION, Definition, data, "the workflow definition")


def parse_predicate(data: object) -> Predicate:
    """Read a predicate, such as a segment's `where`, from plain data.

    Raises InvalidInput with every issue of shape; paths start at the predicate (`$.all[0]`).
    """
    predicate: Predicate = _parse(_PREDICATE, Predicate, data, "the predicate")
    return predicate


def parse_as(model: type[M], data: object, what: str) -> M:
    """Read a part that has a model of its own; raises InvalidInput with every issue of shape."""
    return _parse(TypeAdapter(model), model, data, what)


def _parse(adapter: TypeAdapter[T], annotation: Any, data: object, what: str) -> T:
    issues = plain_data_issues(data)
    if not issues:
        try:
            # By alias only: `else`, not the attribute's name `else_`.
            return adapter.validate_python(data, by_alias=True, by_name=False)
        except ValidationError as error:
            issues = _issues(error.errors(include_url=False), annotation)
    raise invalid(what, issues)


def invalid(what: str, issues: list[Issue]) -> InvalidInput:
    """Make the error that carries these issues, the first of them in its message."""
    count = f"{len(issues)} things are" if len(issues) > 1 else "one thing is"
    message = f"{what} is not valid: {count} wrong, at {issues[0].path}: {issues[0].message}"
    if len(issues) > MAX_ISSUES:
        rest = Issue("$", f"and {len(issues) - MAX_ISSUES} more")
        issues = [*issues[:MAX_ISSUES], rest]
    return InvalidInput(message, issues)


def _issues(errors: list[ErrorDetails], annotation: Any) -> list[Issue]:
    found: dict[tuple[Step, ...], list[Issue]] = {}
    for error in errors:
        place = locate(error["loc"], annotation)
        steps = place.steps
        if place.alternative is not None:
            if error["type"] != "value_error" and _is_for_member(error["input"], place.expected):
                continue  # the errors inside the mapping tell more
            if steps in found:
                continue  # each alternative refuses the value; they are told in one sentence
        if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
            steps = (*steps, "kind")
        found.setdefault(steps, []).append(Issue(json_path(steps), _message(error, place)))
    return [issue for issues in found.values() for issue in issues]


def _is_for_member(value: object, union: Any) -> bool:
    """Whether it is a mapping and the union has a member for those."""
    return isinstance(value, dict) and any(
        isinstance(member, type) and issubclass(member, BaseModel) for member in get_args(union)
    )


def _message(error: ErrorDetails, place: Place) -> str:
    is_mapping = isinstance(error["input"], dict)
    if place.alternative is not None and not (error["type"] == "value_error" and is_mapping):
        return f"should be {phrase(place.expected)}, not {shown(error['input'])}"
    if error["type"] in _TELLERS:
        return _TELLERS[error["type"]](error, place)
    if error["type"].endswith("_type"):
        return f"should be {phrase(place.expected)}, not {shown(error['input'])}"
    return error["msg"].replace("Input should", "should").replace("Value error, ", "")


def _missing(_: ErrorDetails, place: Place) -> str:
    name = str(place.steps[-1])
    text = field_text(place.model, name) if place.model is not None else None
    return f"'{name}' is required ({phrase(place.expected)})" + (f": {text}" if text else "")


def _unknown_field(_: ErrorDetails, place: Place) -> str:
    allowed = field_types(place.model) if place.model is not None else {}
    name = place.steps[-1]
    return f"unknown field {shown(name)}; {proposal(name, allowed, kind='allowed')}"


def _not_allowed(error: ErrorDetails, place: Place) -> str:
    allowed = [str(word) for word in get_args(place.expected)]
    value = error["input"]
    return f"{shown(value)} is not allowed; {proposal(value, allowed, kind='allowed')}"


def _no_kind(_: ErrorDetails, place: Place) -> str:
    kinds = tagged_models(place.expected)
    return f"'kind' is required; {proposal(None, kinds, kind='allowed')}"


def _unknown_kind(error: ErrorDetails, place: Place) -> str:
    kind = error["input"].get("kind")
    kinds = tagged_models(place.expected)
    return f"there is no kind {shown(kind)}; {proposal(kind, kinds, kind='allowed')}"


def _no_predicate(error: ErrorDetails, _: Place) -> str:
    value = error["input"]
    guesses = [closest(key, PREDICATE_KEYS) for key in value] if isinstance(value, dict) else []
    guess = next((guess for guess in guesses if guess), None)
    hint = f"; did you mean '{guess}'?" if guess else ""
    return f"{error['msg']}, not {shown(value)}{hint}"


def _pattern(error: ErrorDetails, _: Place) -> str:
    pattern = str(error["ctx"]["pattern"])
    words = _PATTERNS.get(pattern, f"text that matches {pattern}")
    return f"{shown(error['input'])} is not {words}"


def _own_words(error: ErrorDetails, _: Place) -> str:
    return str(error["ctx"]["error"])


_TELLERS: dict[str, Callable[[ErrorDetails, Place], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_field,
    "literal_error": _not_allowed,
    "union_tag_not_found": _no_kind,
    "union_tag_invalid": _unknown_kind,
    "predicate": _no_predicate,
    "string_pattern_mismatch": _pattern,
    "value_error": _own_words,
}


def _pattern_of(annotation: Any) -> str:
    pattern = TypeAdapter(annotation).json_schema()["pattern"]
    return str(pattern)


_PATTERNS = {
    _pattern_of(BlockId): "an id: letters, digits, '-' and '_', at most 64, no '-' or '_' first",
    _pattern_of(Key): "a key: letters, digits, '-' and '_', at most 100",
    _pattern_of(ClockTime): "a time of day from 00:00 to 23:59, such as 09:00",
    r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$": "a time of day from 00:00 to 24:00, such as 20:00",
    r"^\d{4}-\d{2}-\d{2}$": "a date such as 2026-12-24",
}
