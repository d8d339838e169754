"""Changing a contact by hand: the same path as a server's own changes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import WorkspaceId
from api.dependencies import BackendDep, Now
from api.errors import Problem
from api.management import ManagementRoute
from api.models.contacts import ContactChange, ContactDetails
from api.models.problem import ALWAYS, BODY, problems
from api.routes.contacts import Ref, details, existing, no_contact
from api.transactions import repeatable
from engine.ingest import Envelope, Outcome, Rejection, store
from engine.ingest.items import Rejected
from engine.ingest.upserts import parse_change
from journeys.errors import Issue
from storage.repositories.contact_ties import Ties, contact_ties

router = APIRouter(
    prefix="/v1/contacts", tags=["contacts"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip


@router.patch("/{ref:path}", summary="Change a contact", responses=BODY | problems(404))
async def change_contact(
    backend: BackendDep, workspace: WorkspaceId, now: Now, ref: Ref, body: ContactChange
) -> ContactDetails:
    """Set and unset what is given. Segments, starts and stops that look at it follow.

    Contacts of whom only anonymous ids are known may be changed, too.
    """
    raw: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    envelope = Envelope(workspace_id=workspace, received_at=now, sized=False, path="")

    async def work(connection: AsyncConnection) -> tuple[ContactDetails | None, Outcome]:
        id_ = await existing(connection, workspace, ref)
        kind, value = _known_by(await contact_ties(connection, id_), id_)
        try:
            item = parse_change(raw, envelope, kind, value)
        except Rejected as refusal:
            raise _refused([refusal.at(0, "")]) from None
        outcome = await store(connection, workspace, [item], now=now, path="")
        if outcome.rejected:
            raise _refused(outcome.rejected)
        return await details(connection, id_), outcome

    found, outcome = await repeatable(backend, work)
    if outcome.facts:
        backend.wakeup.set()
    if found is None:
        raise no_contact(ref)
    return found


def _known_by(ties: Ties, contact_id: UUID) -> tuple[str, str]:
    """User ids come first."""
    if not ties.identities:
        raise no_contact(str(contact_id))
    return ties.identities[0].kind, ties.identities[0].value


def _refused(rejections: list[Rejection]) -> Problem:
    issues = [Issue(rejection.path, rejection.reason) for rejection in rejections]
    return Problem(422, "The contact cannot be changed like this.", issues=issues)
