"""What a dry run says of a message: to whom, with which subject, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from channels.addresses import mail_address
from engine.sending_data import Situation, template_data
from engine.simulation.subject import Subject
from journeys.rendering import RenderError, render
from journeys.snapshot import ContactData
from journeys.templates import CHANNEL_PARTS, Json


@dataclass(frozen=True)
class SimulatedMessage:
    """One message that would be made; `state` is `sent`, `skipped` or `failed`."""

    channel: str
    template: str
    to: str | None = None
    subject: str | None = None
    state: str = "sent"
    reason: str | None = None


@dataclass(frozen=True)
class Run:
    """The journey that a dry run stands for, as templates see it."""

    id: UUID
    workspace_id: UUID
    workflow_key: str
    workflow_name: str
    began_at: datetime
    event_name: str | None
    params: Mapping[str, Json]


def make_message(
    channel: str,
    template: str,
    run: Run,
    subject: Subject,
    contact: ContactData,
    *,
    order: Mapping[str, Json],
    variables: Mapping[str, str],
    now: datetime,
) -> SimulatedMessage:
    """Address and render it as sending does. Whether a provider takes it is not asked."""
    made = SimulatedMessage(channel, template)
    to, unreachable = _address(channel, contact, subject)
    if unreachable is not None:
        return replace(made, state="skipped", reason=f"unreachable: {unreachable}")
    found = subject.templates.get(template)
    if found is None:
        return replace(made, state="failed", reason=f"template missing: {template}")
    its_channel, content = found
    if its_channel != channel or channel not in CHANNEL_PARTS:
        reason = f"template {template} is for {its_channel}, not for {channel}"
        return replace(made, state="failed", reason=reason)
    situation = _situation(run, subject, contact, variables=variables, made=made, now=now)
    try:
        rendered = render(channel, content, template_data(situation, order))
    except RenderError as error:
        return replace(made, to=to, state="failed", reason=f"render: {error.reason}")
    return replace(made, to=to, subject=rendered.subject or rendered.title)


def _address(channel: str, contact: ContactData, subject: Subject) -> tuple[str | None, str | None]:
    """Where the contact is reached, and why not."""
    match channel:
        case "email":
            if not contact.email:
                return None, "no email"
            address = mail_address(contact.email)
            return (address, None) if address else (None, "invalid email")
        case "sms":
            return (contact.phone, None) if contact.phone else (None, "no phone")
        case "push" | "web_push":
            web = channel == "web_push"
            devices = [one for one in subject.device_platforms if (one == "web") is web]
            return (None, None) if devices else (None, "no device")
        case "in_app" | "inbox":
            return (contact.user_id, None) if contact.user_id else (None, "no userId")
    return None, None


def _situation(
    run: Run,
    subject: Subject,
    contact: ContactData,
    *,
    variables: Mapping[str, str],
    made: SimulatedMessage,
    now: datetime,
) -> Situation:
    values: dict[str, Any] = {
        name: getattr(contact, name)
        for name in ("user_id", "email", "phone", "timezone", "locale", "fields", "last_seen_at")
    }
    return Situation(
        **values,
        id=run.id,
        workspace_id=run.workspace_id,
        state="queued",
        channel=made.channel,
        template=made.template,
        journey_id=run.id,
        journey_state="running",
        journey_reason=None,
        params=run.params,
        journey_started_at=run.began_at,
        workflow_key=run.workflow_key,
        workflow_name=run.workflow_name,
        workflow_state="active",
        workspace_name=subject.workspace_name,
        workspace_timezone=subject.workspace_zone,
        workspace_paused=False,
        contact_id=subject.id,
        contact_created_at=contact.created_at,
        template_channel=made.channel,
        content=None,
        event_name=run.event_name,
        event_at=run.began_at,
        facts_pending=False,
        read_at=now,
        variables=variables,
    )
