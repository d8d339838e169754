"""Topics that contacts subscribe to and unsubscribe from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.management import ManagementRoute
from api.models.consent import TopicAnswer, TopicCreate, TopicPage, TopicSave
from api.models.problem import ALWAYS, BODY, problems
from api.models.values import Text
from api.naming import keep_key, key_for_put
from api.paging import Paging
from engine.consent import topics as service
from storage.repositories import topics as repository

router = APIRouter(
    prefix="/v1/topics", tags=["consent"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip
Ref = Annotated[Text, Path(max_length=200, description="The topic's id or key.")]


@router.get("", summary="List topics")
async def list_topics(connection: Transaction, workspace: WorkspaceId, page: Paging) -> TopicPage:
    """The newest first."""
    found = await repository.list_topics(connection, workspace, page)
    return TopicPage.of(found, TopicAnswer.model_validate)


@router.post("", status_code=201, summary="Make a topic", responses=BODY | problems(409))
async def create_topic(
    connection: Transaction, workspace: WorkspaceId, now: Now, body: TopicCreate
) -> TopicAnswer:
    """Message blocks name it by its key."""
    values = body.model_dump(exclude={"key"})
    record = await service.create_topic(connection, workspace, key=body.key, now=now, **values)
    return TopicAnswer.model_validate(record)


@router.get("/{ref}", summary="Read a topic", responses=problems(404))
async def get_topic(connection: Transaction, workspace: WorkspaceId, ref: Ref) -> TopicAnswer:
    """The topic."""
    return TopicAnswer.model_validate(await service.get_topic(connection, workspace, ref))


@router.put("/{ref}", summary="Save a topic", responses=BODY | problems(404))
async def put_topic(
    connection: Transaction,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    body: TopicSave,
    response: Response,
) -> TopicAnswer:
    """Change the topic, or make it when none has this key (201). What contacts said stays."""
    values = body.model_dump(exclude={"key"})
    present = await repository.find_topic(connection, workspace, ref, lock="change")
    if present is not None:
        keep_key(body.key, present.key)
        record = await service.change_topic(connection, present, now=now, **values)
    else:
        key = key_for_put(ref, body.key, missing=service.no_topic(ref))
        record = await service.create_topic(connection, workspace, key=key, now=now, **values)
        response.status_code = 201
    return TopicAnswer.model_validate(record)


@router.delete("/{ref}", status_code=204, summary="Delete a topic",
               responses=problems(404, 409))  # fmt: skip
async def delete_topic(connection: Transaction, workspace: WorkspaceId, ref: Ref) -> None:
    """Delete it with what contacts said of it. 409, naming them, while workflows send on it."""
    await service.delete_topic(connection, workspace, ref)
