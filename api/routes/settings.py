"""Settings: what can be changed of a workspace, and what the installation can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version

from fastapi import APIRouter

from api.auth import WorkspaceId
from api.dependencies import BackendDep, Transaction
from api.management import ManagementRoute, WakingTransaction
from api.models.problem import ALWAYS, BODY
from api.models.settings import ChannelAnswer, SettingsAnswer, SettingsChange
from channels.registry import undeliverable
from engine.tracking.links import Tracker
from engine.workspaces import (
    WorkspaceSettings,
    change_hours,
    change_settings,
    change_tracking,
    read_settings,
)
from journeys.templates import CHANNEL_PARTS
from runtime.encryption import encryption_of
from runtime.settings import Settings
from storage.repositories.providers import served_channels

router = APIRouter(
    prefix="/v1/settings", tags=["settings"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip
_PROVIDERS = {"email": "smtp"}


@router.get("", summary="Read the settings")
async def get_settings(
    connection: Transaction, backend: BackendDep, workspace: WorkspaceId
) -> SettingsAnswer:
    """The workspace's name and zone, which channels deliver, and where Temporal's UI is."""
    return _answer(
        await read_settings(connection, workspace),
        backend.settings,
        await served_channels(connection, workspace),
    )


@router.patch("", summary="Change the settings", responses=BODY)
async def patch_settings(
    connection: WakingTransaction,
    backend: BackendDep,
    workspace: WorkspaceId,
    body: SettingsChange,
) -> SettingsAnswer:
    """Change the name, the zone or the hours of messages.

    A new zone holds for waits that begin, and for launches.
    """
    if "allowed_hours" in body.model_fields_set:
        await change_hours(connection, workspace, body.allowed_hours)
    if "tracking" in body.model_fields_set:
        await change_tracking(connection, workspace, body.tracking)
    changed = await change_settings(connection, workspace, name=body.name, timezone=body.timezone)
    return _answer(changed, backend.settings, await served_channels(connection, workspace))


def _answer(
    workspace: WorkspaceSettings, settings: Settings, served: Mapping[str, list[str]]
) -> SettingsAnswer:
    missing = undeliverable(settings, served)
    return SettingsAnswer(
        **asdict(workspace),
        tracks=Tracker.of(settings.public_url, encryption_of(settings)) is not None,
        channels=[_channel(name, settings, missing, served) for name in CHANNEL_PARTS],
        temporal_ui=settings.temporal_ui,
        temporal_namespace=settings.temporal_namespace,
        version=version("sojourn"),
    )


def _channel(
    name: str, settings: Settings, missing: Mapping[str, str], served: Mapping[str, list[str]]
) -> ChannelAnswer:
    if name in settings.inbox_channels:
        return ChannelAnswer(channel=name, delivery="inbox", provider=None, note=None)
    if name in missing:
        return ChannelAnswer(channel=name, delivery="none", provider=None, note=missing[name])
    provider = ", ".join(served.get(name, ())) or _PROVIDERS.get(name)
    return ChannelAnswer(channel=name, delivery="provider", provider=provider, note=None)
