"""A draft from a ready workflow, with whatever it names and the workspace has not.

Nothing that is there is changed. A template or segment of the same key that fits is used as it is;
one that does not fit (another channel, other parameters) keeps its key, and the new one gets
another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from engine.gallery.ready import Ready, gallery
from engine.rule_lock import hold_rules
from engine.segments import create_segment, parameters_of
from engine.workflows import create_workflow
from journeys.errors import Conflict, NotFound
from journeys.segment_names import parameters
from journeys.template_checks import check_template
from journeys.validation import invalid, parse_predicate
from storage.repositories import gallery as repository
from storage.repositories.segments import SegmentRecord, all_segments
from storage.repositories.workflows import WorkflowRecord, template_channels


@dataclass(frozen=True)
class Made:
    """The draft; `templates` and `segments` are the keys of those that were made with it."""

    workflow: WorkflowRecord
    templates: list[str]
    segments: list[str]


def find_ready(key: str) -> Ready:
    """The ready workflow of this key; raises NotFound."""
    try:
        return gallery()[key]
    except KeyError:
        there = ", ".join(gallery())
        raise NotFound(f"There is no ready workflow {key!r}; there are {there}.") from None


async def make_ready(
    connection: AsyncConnection,
    workspace_id: UUID,
    ready: Ready,
    *,
    key: str | None = None,
    name: str | None = None,
    by: str | None = None,
    now: datetime,
) -> Made:
    """Make the draft under `key`, or under a free one that says where it comes from.

    Raises Conflict when `key` is in use, or somebody else takes one of the keys meanwhile.
    """
    await hold_rules(connection, workspace_id)
    stored = {each.key: each for each in await all_segments(connection, workspace_id, keep=True)}
    channels = await template_channels(connection, workspace_id)
    segments = {
        wanted: _key_for(wanted, {k: _takes(s) for k, s in stored.items()},
                         parameters(parse_predicate(segment.where)))
        for wanted, segment in ready.segments.items()
    }  # fmt: skip
    templates = {
        wanted: _key_for(wanted, channels, str(template["channel"]))
        for wanted, template in ready.templates.items()
    }
    for wanted, given in segments.items():
        if given not in stored:
            segment = ready.segments[wanted]
            await create_segment(
                connection, workspace_id, key=given, name=segment.name, where=segment.where, now=now
            )
    new = {
        given: ready.templates[wanted]
        for wanted, given in templates.items()
        if given not in channels
    }
    await _make_templates(connection, workspace_id, new, now)
    number = 1
    if key is None:
        taken = await repository.workflow_keys(connection, workspace_id, ready.key)
        key, number = _free(ready.key, taken)
    title = name or (ready.name if number == 1 else f"{ready.name} {number}")
    record = await create_workflow(
        connection, workspace_id, key=key, name=title,
        definition=_renamed(ready.workflow, {"segment": segments, "template": templates}),
        by=by, now=now,
    )  # fmt: skip
    made = [given for given in segments.values() if given not in stored]
    return Made(record, list(new), made)


async def _make_templates(
    connection: AsyncConnection,
    workspace_id: UUID,
    templates: Mapping[str, Mapping[str, Any]],
    now: datetime,
) -> None:
    contents = {
        key: (template["channel"], {k: v for k, v in template.items() if k != "channel"})
        for key, template in templates.items()
    }
    issues = await asyncio.to_thread(
        lambda: [issue for content in contents.values() for issue in check_template(*content)]
    )
    if issues:
        raise invalid("a template", issues)
    stored = await repository.insert_templates(connection, workspace_id, contents, now=now)
    if stored < len(contents):
        raise Conflict(
            f"Somebody else made one of the templates {', '.join(contents)} meanwhile. Try again."
        )


def _takes(segment: SegmentRecord) -> list[str] | None:
    """The parameters that a segment takes; None for a static list."""
    return None if segment.definition is None else parameters_of(segment)


def _key_for(wanted: str, present: Mapping[str, Any], kind: object) -> str:
    """The key of one that fits, whether it is there or not."""
    fitting = (key for key in _numbered(wanted) if key not in present or present[key] == kind)
    return next(fitting)


def _free(wanted: str, taken: Collection[str]) -> tuple[str, int]:
    """A key that nobody has, and its number."""
    found = ((key, n) for n, key in enumerate(_numbered(wanted), start=1) if key not in taken)
    return next(found)


def _numbered(key: str) -> Iterator[str]:
    yield key
    number = 2
    while True:
        yield f"{key}-{number}"
        number += 1


def _renamed(data: Any, names: Mapping[str, Mapping[str, str]]) -> Any:
    """The definition with other keys of segments and templates, wherever they are named."""
    if isinstance(data, list):
        return [_renamed(each, names) for each in data]
    if not isinstance(data, dict):
        return data
    return {
        name: names[name].get(value, value)
        if name in names and isinstance(value, str)
        else _renamed(value, names)
        for name, value in data.items()
    }
