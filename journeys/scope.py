"""What `{param: name}` means where it stands.

In a workflow it is a property of the starting event. In a segment it is what the segment leaf bound
to that name: a constant, or again a property of the starting event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journeys.predicates import ParamRef, Value


@dataclass(frozen=True, slots=True)
class Constant:
    """A value known from the definition."""

    value: Any


@dataclass(frozen=True, slots=True)
class StartingParam:
    """A (dotted) name to look up in the starting event's properties."""

    name: str


Source = Constant | StartingParam


class Scope:
    """The names that a predicate may refer to."""

    def __init__(self, bindings: Mapping[str, Source | None] | None = None) -> None:
        """`bindings` None means the starting event's properties themselves."""
        self._bindings = bindings

    def source(self, name: str) -> Source | None:
        """Where the name leads; None if nothing is bound to it."""
        if self._bindings is None:
            return StartingParam(name)
        if name in self._bindings:
            return self._bindings[name]
        head, _, tail = name.partition(".")
        match self._bindings.get(head):
            case StartingParam(name=outer):
                return StartingParam(f"{outer}.{tail}")
            case _:
                return None

    def value(self, value: Value) -> Source | None:
        """Where the right side of a comparison comes from."""
        return self.source(value.param) if isinstance(value, ParamRef) else Constant(value)

    def inside(self, params: Mapping[str, Value]) -> Scope:
        """The scope of a segment to which `params` are bound here."""
        return Scope({name: self.value(value) for name, value in params.items()})


STARTING_EVENT = Scope()
