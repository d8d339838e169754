"""The routers of the management API."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import (
    contacts,
    events,
    journeys,
    keys,
    messages,
    orders,
    schema,
    segments,
    templates,
    workflows,
)

ROUTERS: tuple[APIRouter, ...] = (
    workflows.router,
    templates.router,
    segments.router,
    contacts.router,
    journeys.router,
    messages.router,
    events.router,
    orders.router,
    keys.router,
    schema.router,
)
