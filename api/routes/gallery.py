"""Ready workflows to start from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path

from api.auth import CallerName, WorkspaceId
from api.dependencies import BackendDep, Now, Transaction
from api.management import ManagementRoute, WakingTransaction
from api.models.gallery import (
    GalleryAnswer,
    MadeAnswer,
    MakeRequest,
    NeededChannel,
    NeededEvent,
    NeededField,
    ReadyAnswer,
)
from api.models.problem import ALWAYS, BODY, problems
from api.models.values import Text
from channels.registry import undeliverable
from engine.catalogue import profiles
from engine.gallery.making import find_ready, make_ready
from engine.gallery.ready import Ready, gallery
from storage.repositories import samples
from storage.repositories.gallery import seen_events
from storage.repositories.providers import served_channels

router = APIRouter(
    prefix="/v1/gallery", tags=["workflows"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip


@router.get("", summary="List ready workflows")
async def list_ready(
    connection: Transaction, backend: BackendDep, workspace: WorkspaceId
) -> GalleryAnswer:
    """What each does, its drawing, and whether this workspace has the data that it needs."""
    all_ready = gallery().values()
    events = await seen_events(
        connection, workspace, sorted({name for ready in all_ready for name in ready.events})
    )
    people = await samples.contact_fields(connection, workspace)
    fields = {profile.name for profile in profiles(custom for _, custom in people)}
    problem = undeliverable(backend.settings, await served_channels(connection, workspace))
    return GalleryAnswer(data=[_answer(ready, events, fields, problem) for ready in all_ready])


@router.post("/{key}", status_code=201, summary="Make a ready workflow",
             responses=BODY | problems(404, 409))  # fmt: skip
async def make_ready_workflow(
    connection: WakingTransaction,
    workspace: WorkspaceId,
    caller: CallerName,
    now: Now,
    key: Annotated[Text, Path(max_length=200, description="The ready workflow's key.")],
    body: Annotated[MakeRequest | None, Body()] = None,
) -> MadeAnswer:
    """A draft of it, with the templates and segments that it names and the workspace has not.

    Nothing that is there is changed: what has the same key and fits is used as it is.
    """
    wish = body or MakeRequest()
    made = await make_ready(
        connection, workspace, find_ready(key),
        key=wish.key, name=wish.name, by=caller, now=now,
    )  # fmt: skip
    return MadeAnswer(
        id=made.workflow.id, key=made.workflow.key, name=made.workflow.name,
        templates=made.templates, segments=made.segments,
    )  # fmt: skip


def _answer(
    ready: Ready, events: set[str], fields: set[str], problem: dict[str, str]
) -> ReadyAnswer:
    return ReadyAnswer(
        key=ready.key,
        name=ready.name,
        about=ready.about,
        channels=[
            NeededChannel(channel=channel, problem=problem.get(channel))
            for channel in ready.channels
        ],
        events=[
            NeededEvent(name=name, about=one.about, example=one.example, seen=name in events)
            for name, one in ready.events.items()
        ],
        fields=[
            NeededField(name=name, about=one.about, example=one.example, seen=name in fields)
            for name, one in ready.fields.items()
        ],
        templates=list(ready.templates),
        segments=list(ready.segments),
        definition=ready.workflow,
    )
