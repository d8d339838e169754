"""Where in the caller's data a pydantic error is, and what the model expects there.

Pydantic's `loc` mixes the keys of the data with the names of union members and validators. Walking
the models along it tells one from the other, whatever the keys are called.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag

from journeys.durations import DurationText
from journeys.paths import Step
from journeys.predicates import Value


@dataclass(frozen=True)
class Place:
    """A place in the data, by the keys and indexes that lead to it."""

    steps: tuple[Step, ...]
    expected: Any
    """The type annotation of what belongs there; None if nothing does (an unknown field)."""
    model: type[BaseModel] | None = None
    """The model whose field the last step is."""
    alternative: str | None = None
    """The member of a union of different types that refused the value, where that is the error.

    `expected` is then the union.
    """


def locate(loc: Iterable[Step], root: Any) -> Place:
    """Follow a `loc` through the models, from the annotation that was validated."""
    steps: list[Step] = []
    expected, model, union, member = root, None, None, None
    for element in loc:
        expected = _bare(expected)
        union = None
        tagged = tagged_models(expected)
        if isinstance(element, int):
            steps.append(element)
            expected = (get_args(expected) or (Any,))[0]
        elif tagged:
            expected = tagged[element]
        elif get_origin(expected) in (Union, UnionType):
            union, member, expected = expected, element, _member(expected, element)
            if expected is None:
                break
        elif get_origin(expected) is dict:
            steps.append(element)
            expected = get_args(expected)[1]
        elif (model_here := _model(expected)) is not None:
            steps.append(element)
            model, expected = model_here, field_types(model_here).get(element)
        else:
            break
    if union is not None:
        return Place(tuple(steps), union, model, alternative=member)
    return Place(tuple(steps), _bare(expected), model)


def field_types(model: type[BaseModel]) -> dict[str, Any]:
    """List the fields of a model by their names outside, with the annotation of each."""
    return {
        field.alias or name: Annotated[field.annotation, *field.metadata]
        if field.metadata
        else field.annotation
        for name, field in model.model_fields.items()
    }


def tagged_models(annotation: Any) -> dict[str, type[BaseModel]]:
    """List the members of a union that a tag tells apart, by that tag; empty if it is none."""
    members: dict[str, type[BaseModel]] = {}
    annotation = _bare(annotation)
    if get_origin(annotation) not in (Union, UnionType):
        return {}
    for argument in get_args(annotation):
        model = _model(_bare(argument))
        tag = _tag(argument, model)
        if model is None or tag is None:
            return {}
        members[tag] = model
    return members


def phrase(annotation: Any) -> str:
    """Say in words what a value of this type is."""
    for known, words in _IN_WORDS:
        if annotation == known:
            return words
    annotation = _bare(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ("one of " if len(arguments) > 1 else "") + ", ".join(f"'{a}'" for a in arguments)
    if origin is list:
        return f"a list ({phrase(arguments[0])} each)"
    if origin in (Union, UnionType) and not tagged_models(annotation):
        return " or ".join(dict.fromkeys(phrase(a) for a in arguments if a is not NoneType))
    return _SCALARS.get(annotation, "a mapping")


NoneType = type(None)
_SCALARS = {str: "text", bool: "true or false", int: "a number", float: "a number"}
_IN_WORDS = (
    (DurationText, "an ISO 8601 duration such as PT2H or P7D"),
    (Value, "text, a number, true, false, a list of these, or {param: name}"),
)


def _bare(annotation: Any) -> Any:
    """Take off `Annotated` and an optional None, down to what tells values apart."""
    if get_origin(annotation) is Annotated and annotation != DurationText:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        given = [argument for argument in get_args(annotation) if argument is not NoneType]
        if len(given) == 1:
            return _bare(given[0])
    return annotation


def _model(annotation: Any) -> type[BaseModel] | None:
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return annotation if is_model else None


def _member(union: Any, name: str) -> Any:
    """Find the member of a union that has this tag, or the model that pydantic names so.

    That is `Name`, or `function-after[f(), Name]`.
    """
    for argument in get_args(union):
        if name in [extra.tag for extra in get_args(argument)[1:] if isinstance(extra, Tag)]:
            return _bare(argument)
    models = (_model(_bare(argument)) for argument in get_args(union))
    return next((model for model in models if model is not None and model.__name__ in name), None)


def _tag(argument: Any, model: type[BaseModel] | None) -> str | None:
    tags = [extra.tag for extra in get_args(argument)[1:] if isinstance(extra, Tag)]
    if tags:
        return tags[0]
    kind = model.model_fields.get("kind") if model is not None else None
    return None if kind is None else str(get_args(kind.annotation)[0])
