"""What a template looks like for a contact and an event, before anything is sent.

The data is put together by the code that puts it together for sending, so that a preview shows what
the contact would get.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.sending_data import Situation, order_for, template_data
from journeys.errors import InvalidInput, Issue, NotFound
from journeys.locales import in_language
from journeys.rendering import RenderError, render
from journeys.template_warnings import TemplateWarning, holes, unguarded
from journeys.templates import CHANNEL_PARTS, Json, RenderedMessage, TemplateData
from storage.repositories.contacts import contact_id

_PEOPLE = text("""
    SELECT s.name AS workspace_name, s.timezone AS workspace_timezone,
           s.paused AS workspace_paused,
           c.user_id, c.email, c.phone, c.timezone, c.locale,
           coalesce(c.fields, '{}') AS fields,
           coalesce(c.created_at, s.created_at) AS contact_created_at, c.last_seen_at
    FROM workspaces s LEFT JOIN contacts c ON c.workspace_id = s.id AND c.id = :contact
    WHERE s.id = :workspace
""")


async def preview_data(
    connection: AsyncConnection,
    workspace_id: UUID,
    *,
    contact: str | None,
    event: Mapping[str, Json] | None,
    order: Mapping[str, Json] | None,
    now: datetime,
    locale: str | None = None,
) -> TemplateData:
    """What a template would see for this contact (by `userId` or id) and these event properties.

    Without a contact, `contact` is empty. `locale` stands in for the contact's. Raises NotFound
    when there is no such contact.
    """
    id_ = None
    if contact is not None:
        id_ = await contact_id(connection, workspace_id, contact)
        if id_ is None:
            raise NotFound(f"There is no contact {contact!r} in this workspace.")
    rows = await connection.execute(_PEOPLE, {"workspace": workspace_id, "contact": id_})
    situation = Situation(
        **rows.one()._mapping,  # noqa: SLF001
        id=uuid4(),
        workspace_id=workspace_id,
        state="queued",
        channel="",
        template="",
        journey_id=uuid4(),
        journey_state="running",
        journey_reason=None,
        params=event or {},
        journey_started_at=now,
        workflow_key="preview",
        workflow_name="Preview",
        workflow_state="active",
        contact_id=id_ or uuid4(),
        template_channel=None,
        content=None,
        event_name=None,
        event_at=now,
        facts_pending=False,
        read_at=now,
    )
    data = template_data(situation, order or await order_for(connection, situation))
    data = replace(data, locale=locale or data.locale)
    return data if id_ is not None else replace(data, contact={})


async def preview(
    channel: str, content: Mapping[str, Any], data: TemplateData
) -> tuple[RenderedMessage, list[TemplateWarning]]:
    """The message, and what may look wrong; raises InvalidInput with the reason.

    In a thread: rendering takes its time.
    """

    def look() -> tuple[RenderedMessage, list[TemplateWarning]]:
        message = render(channel, content, data)
        read, _ = in_language(CHANNEL_PARTS[channel], content, data.locale)
        return message, [*unguarded(channel, read), *holes(message)]

    try:
        return await asyncio.to_thread(look)
    except RenderError as error:
        part, _, reason = error.reason.partition(": ")
        raise InvalidInput(
            f"The template cannot be rendered for this contact: {error.reason}.",
            [Issue(f"$.{part}" if reason else "$", reason or error.reason)],
        ) from error
