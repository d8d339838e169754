"""The domain's errors. Each carries what was wrong, where, and what would be right.

DomainError
├── InvalidInput        the caller's data is wrong (HTTP 422)
│   └── (issues: each with a JSON path)
├── NotFound            no such thing in this workspace (404)
└── Conflict            it clashes with what is there (409)
"""

# ruff: noqa: N818  (the names say what happened, as the callers' handlers read)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Issue:
    """One thing that is wrong: its JSON path (`$.blocks[2].next`), and what would be right."""

    path: str
    message: str


class DomainError(Exception):
    """An error whose message may be shown to the caller."""


class InvalidInput(DomainError):
    """The caller's data is wrong."""

    def __init__(self, message: str, issues: Sequence[Issue] = ()) -> None:
        super().__init__(message)
        self.issues = tuple(issues)


class NotFound(DomainError):
    """There is no such thing in this workspace."""


class Conflict(DomainError):
    """It clashes with what is there: a key in use, a draft saved by somebody else."""

    def __init__(self, message: str, *, known: Mapping[str, Any] | None = None) -> None:
        """`known` is what is there, for programs; it goes into the problem document."""
        super().__init__(message)
        self.known = dict(known or {})
