"""The routers of the management API."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import (
    catalogue,
    contact_changes,
    contacts,
    decisions,
    events,
    explain,
    journeys,
    keys,
    launches,
    messages,
    numbers,
    orders,
    promo,
    schema,
    segment_members,
    segments,
    session,
    settings,
    sign_in,
    simulation,
    templates,
    users,
    workflow_tests,
    workflows,
)

ROUTERS: tuple[APIRouter, ...] = (
    workflows.router,
    workflow_tests.router,
    numbers.router,
    catalogue.router,
    settings.router,
    simulation.router,
    decisions.router,
    explain.router,
    templates.router,
    segments.router,
    segment_members.router,
    contacts.router,
    contact_changes.router,
    journeys.router,
    launches.router,
    promo.router,
    messages.router,
    events.router,
    orders.router,
    keys.router,
    schema.router,
    users.router,
    session.router,
    sign_in.router,
)
