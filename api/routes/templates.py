"""Message templates, and what they look like for a contact."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from api.auth import WorkspaceId
from api.dependencies import Backend, BackendDep, Now, Transaction, transaction
from api.management import ManagementRoute
from api.models.problem import ALWAYS, BODY, problems
from api.models.templates import (
    PARTS,
    PreviewAnswer,
    PreviewRequest,
    TemplateAnswer,
    TemplateChange,
    TemplateCreate,
    TemplatePage,
    TemplateSave,
    TemplateUses,
    TestMessageAnswer,
    TestMessageRequest,
)
from api.models.values import Text
from api.naming import keep_key, key_for_put
from api.paging import Paging
from api.trials import deliver_test
from engine import previews
from engine import templates as service
from journeys.errors import InvalidInput, Issue
from journeys.predicates import Channel
from journeys.template_warnings import TemplateWarning
from journeys.templates import RenderedMessage
from storage.repositories import templates as repository
from storage.repositories.templates import TemplateRecord

router = APIRouter(
    prefix="/v1/templates", tags=["templates"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip
Ref = Annotated[Text, Path(max_length=200, description="The template's id or key.")]


def _answer(record: TemplateRecord) -> TemplateAnswer:
    return TemplateAnswer.model_validate(
        {
            "id": record.id,
            "key": record.key,
            "channel": record.channel,
            "created_at": record.created_at,
            "updated_at": record.updated_at,
            **{part: record.content.get(part) for part in PARTS},
        }
    )


@router.get("", summary="List templates")
async def list_templates(
    connection: Transaction,
    workspace: WorkspaceId,
    page: Paging,
    channel: Annotated[Channel | None, Query()] = None,
) -> TemplatePage:
    """The newest first."""
    found = await repository.list_templates(connection, workspace, page, channel=channel)
    return TemplatePage.of(found, _answer)


@router.post("", status_code=201, summary="Make a template", responses=BODY | problems(409))
async def create_template(
    connection: Transaction, workspace: WorkspaceId, now: Now, body: TemplateCreate
) -> TemplateAnswer:
    """Each part is parsed and rendered on trial, so that a broken template is refused here."""
    record = await service.create_template(
        connection, workspace, key=body.key, channel=body.channel, content=body.content(), now=now
    )
    return _answer(record)


@router.post("/preview", summary="Preview a template", responses=BODY | problems(404))
async def preview_template(
    backend: BackendDep, workspace: WorkspaceId, now: Now, body: PreviewRequest
) -> PreviewAnswer:
    """Render a stored or given template for a contact and an event; nothing is sent.

    422 with the reason when it cannot be rendered for them.
    """
    channel, message, warnings = await _rendered(backend, workspace, now, body)
    return PreviewAnswer.model_validate(
        {
            **vars(message),
            "channel": channel,
            "gaps": [vars(gap) for gap in message.gaps],
            "warnings": [vars(warning) for warning in warnings],
        }
    )


@router.post("/test", summary="Send a test of a template", responses=BODY | problems(404))
async def send_test_message(
    backend: BackendDep, workspace: WorkspaceId, now: Now, body: TestMessageRequest
) -> TestMessageAnswer:
    """Render a stored or given template as for a preview, and send it to one address, now.

    By email or SMS, through the channel that delivers to contacts, with `[Test]` before it. It is
    no message to a contact: nothing of it is stored or counted. 422 with the provider's words when
    it refuses, 503 when it cannot be reached.
    """
    channel, message, _ = await _rendered(backend, workspace, now, body)
    sent = await deliver_test(backend, workspace, channel, message, body.to)
    return TestMessageAnswer(
        channel=channel, to=body.to, subject=sent.subject, missing=list(sent.missing)
    )


async def _rendered(
    backend: Backend, workspace: UUID, now: datetime, body: PreviewRequest
) -> tuple[Channel, RenderedMessage, list[TemplateWarning]]:
    async with transaction(backend) as connection:
        if isinstance(body.template, str):
            stored = await service.get_template(connection, workspace, body.template)
            channel, content = stored.channel, stored.content
        else:
            channel, content = body.template.channel, body.template.content()
        data = await previews.preview_data(
            connection, workspace, contact=body.user_id, event=body.event, order=body.order,
            locale=body.locale, now=now,
        )  # fmt: skip
    if not isinstance(body.template, str):
        await service.check(channel, content)
    message, warnings = await previews.preview(channel, content, data)
    return cast("Channel", channel), message, warnings


@router.get("/{ref}", summary="Read a template", responses=problems(404))
async def get_template(connection: Transaction, workspace: WorkspaceId, ref: Ref) -> TemplateAnswer:
    """The template with this id or key."""
    return _answer(await service.get_template(connection, workspace, ref))


@router.get("/{ref}/workflows", summary="List what sends a template", responses=problems(404))
async def list_template_workflows(
    connection: Transaction, workspace: WorkspaceId, ref: Ref
) -> TemplateUses:
    """The workflows that may still send it, by draft, running version or running journey."""
    record = await service.get_template(connection, workspace, ref)
    uses = await service.uses_of_template(connection, workspace, record.key)
    return TemplateUses.model_validate({"data": uses})


@router.put("/{ref}", summary="Save a template", responses=BODY | problems(404, 409))
async def put_template(
    connection: Transaction,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    body: TemplateSave,
    response: Response,
) -> TemplateAnswer:
    """Replace the content, or make the template when no template has this key (201).

    409 when it was saved since the `updated_at` that is given.
    """
    present = await repository.find_template(connection, workspace, ref, lock="change")
    if present is not None:
        service.keep_saved(present, body.updated_at)
        keep_key(body.key, present.key)
        record = await service.save_template(
            connection, workspace, str(present.id),
            channel=body.channel, content=body.content(), now=now,
        )  # fmt: skip
        return _answer(record)
    key = key_for_put(ref, body.key, missing=service.no_template(ref))
    if body.channel is None:
        raise InvalidInput(
            "A new template needs a channel.", [Issue("$.channel", "is needed to make a template")]
        )
    record = await service.create_template(
        connection, workspace, key=key, channel=body.channel, content=body.content(), now=now
    )
    response.status_code = 201
    return _answer(record)


@router.patch("/{ref}", summary="Change a template", responses=BODY | problems(404))
async def patch_template(
    connection: Transaction, workspace: WorkspaceId, now: Now, ref: Ref, body: TemplateChange
) -> TemplateAnswer:
    """Replace the parts that are given; null removes one."""
    present = await service.get_template(connection, workspace, ref, lock="change")
    removed = {part for part in body.model_fields_set if getattr(body, part) is None}
    kept = {part: value for part, value in present.content.items() if part not in removed}
    record = await service.save_template(
        connection, workspace, str(present.id),
        channel=None, content={**kept, **body.content()}, now=now,
    )  # fmt: skip
    return _answer(record)


@router.delete("/{ref}", status_code=204, summary="Delete a template",
               responses=problems(404, 409))  # fmt: skip
async def delete_template(connection: Transaction, workspace: WorkspaceId, ref: Ref) -> None:
    """Delete it. 409, naming them, while workflows may still send it."""
    await service.delete_template(connection, workspace, ref)
