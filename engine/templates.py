"""Message templates: checked when saved, kept while a workflow needs them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.errors import Conflict, InvalidInput, Issue, NotFound
from journeys.rendering import variants_of
from journeys.template_checks import check_template
from journeys.tracking import tracking_issues
from storage.repositories import templates as repository
from storage.repositories import workflows
from storage.repositories.refs import Lock
from storage.repositories.templates import TemplateRecord


async def get_template(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, lock: Lock | None = None
) -> TemplateRecord:
    """The template with this id or key; raises NotFound."""
    record = await repository.find_template(connection, workspace_id, ref, lock=lock)
    if record is None:
        raise no_template(ref)
    return record


async def create_template(
    connection: AsyncConnection,
    workspace_id: UUID,
    *,
    key: str,
    channel: str,
    content: Mapping[str, Any],
    now: datetime,
) -> TemplateRecord:
    """Make a template. Raises Conflict when the key is in use, InvalidInput when it is wrong."""
    await check(channel, content)
    record = TemplateRecord(uuid4(), key, channel, dict(content), now, now)
    if not await repository.insert_template(connection, workspace_id, record):
        raise Conflict(f"The key {key!r} is in use by another template.")
    return record


async def save_template(
    connection: AsyncConnection,
    workspace_id: UUID,
    ref: str,
    *,
    channel: str | None,
    content: Mapping[str, Any],
    now: datetime,
) -> TemplateRecord:
    """Replace the content; messages rendered from now on have it.

    Raises NotFound, and InvalidInput when it is wrong or the channel is another one: workflows
    that send the template were checked against its channel.
    """
    before = await get_template(connection, workspace_id, ref, lock="change")
    if channel is not None and channel != before.channel:
        raise InvalidInput(
            "The channel of a template cannot be changed; make another template.",
            [Issue("$.channel", f"must stay {before.channel!r}")],
        )
    await check(before.channel, content)
    await repository.update_content(connection, before.id, content=dict(content), now=now)
    return TemplateRecord(
        before.id, before.key, before.channel, dict(content), before.created_at, now
    )


def keep_saved(present: TemplateRecord, known: datetime | None) -> None:
    """Raise Conflict when it was saved after the moment that the caller knows of."""
    if known is not None and present.updated_at != known:
        raise Conflict(
            f"The template {present.key!r} was saved by somebody else meanwhile.",
            known={"updated_at": present.updated_at},
        )


async def uses_of_template(
    connection: AsyncConnection, workspace_id: UUID, key: str
) -> list[repository.Use]:
    """The workflows that may still send it, by name."""
    users = await workflows.workflows_using(connection, workspace_id, key)
    return await repository.named_uses(connection, workspace_id, users)


async def delete_template(connection: AsyncConnection, workspace_id: UUID, ref: str) -> None:
    """Delete a template; raises Conflict, naming them, while workflows may still send it."""
    record = await get_template(connection, workspace_id, ref, lock="delete")
    users = await workflows.workflows_using(connection, workspace_id, record.key)
    if users:
        raise Conflict(
            f"The template {record.key!r} is used by the workflows {', '.join(users)}. "
            "Take it out of them first, or archive them and let their journeys finish."
        )
    await repository.delete_template(connection, record.id)


async def check(channel: str, content: Mapping[str, Any]) -> None:
    """Raise InvalidInput naming all that is wrong; in a thread, as trial rendering takes time."""
    issues = await asyncio.to_thread(check_template, channel, content)
    if channel == "email" and not issues:
        issues = _tracking_of(content)
    if issues:
        raise InvalidInput("The template is not valid.", issues)


def _tracking_of(content: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with how mail is tracked, in the default and in each language."""
    given = {"$": content}
    given |= {f"$.locales.{name}": one for name, one in variants_of(content).items()}
    return [
        issue
        for path, parts in given.items()
        if parts.get("tracking") is not None
        for issue in tracking_issues(parts["tracking"], f"{path}.tracking")
    ]


def no_template(ref: str) -> NotFound:
    """The error for a reference that leads nowhere."""
    return NotFound(f"There is no template {ref!r} in this workspace.")
