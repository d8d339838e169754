"""The ready workflows: a file each in `ready/`, with the templates and segments that they name.

A file's name is the workflow's key. What it says is checked by tests, not at run time.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from journeys.definition_files import read_definition_file

FOLDER = Path(__file__).parent / "ready"
ORDER = (
    "welcome-series",
    "abandoned-subscription",
    "abandoned-cart",
    "workout-at-own-hour",
    "streak-keeper",
    "win-back",
    "trial-ending",
    "new-chapter",
    "milestone-feedback",
    "birthday",
)
"""As the gallery shows them: those that most apps begin with come first."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReadyEvent(_Part):
    """An event that a ready workflow follows; `example` are properties that it may have."""

    about: str
    example: dict[str, Any]


class ReadyField(_Part):
    """A field of contacts that a ready workflow looks at."""

    about: str
    example: str


class ReadySegment(_Part):
    """A segment that a ready workflow names."""

    name: str
    where: dict[str, Any]


class Ready(_Part):
    """A ready workflow. `about` tells in two sentences whom it writes to and what ends it."""

    key: str
    about: str
    events: dict[str, ReadyEvent] = {}
    fields: dict[str, ReadyField] = {}
    segments: dict[str, ReadySegment] = {}
    templates: dict[str, dict[str, Any]]
    workflow: dict[str, Any]

    @property
    def name(self) -> str:
        """What the workflow is called."""
        return str(self.workflow["name"])

    @property
    def channels(self) -> list[str]:
        """The channels that it sends by."""
        return sorted({str(template["channel"]) for template in self.templates.values()})


@cache
def gallery() -> dict[str, Ready]:
    """Every ready workflow by its key, in the order in which they are shown."""
    return {key: _read(FOLDER / f"{key}.yaml") for key in ORDER}


def _read(path: Path) -> Ready:
    data = read_definition_file(path.read_bytes(), name=path.name).data
    assert isinstance(data, dict)
    return Ready(key=path.stem, **data)
