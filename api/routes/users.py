"""Users of the workspace and their roles. Owners change them, and so do secret keys."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.auth import WorkspaceId
from api.dependencies import BackendDep, Now, Transaction
from api.management import ManagementRoute
from api.models.problem import ALWAYS, BODY, problems
from api.models.users import UserAnswer, UserChange, UserInvite, UserInvited, UserList
from api.signing_in import NO_STORE, public_base
from engine.users import accounts
from storage.repositories.users import UserRecord, list_users

router = APIRouter(
    prefix="/v1/users", tags=["users"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip


@router.get("", summary="List users")
async def get_users(connection: Transaction, workspace: WorkspaceId) -> UserList:
    """All of them, the oldest first, those who are only invited too."""
    users = await list_users(connection, workspace)
    return UserList(data=[UserAnswer.model_validate(user) for user in users])


@router.post("", status_code=201, summary="Invite a user", responses=BODY | problems(409))
async def invite(
    connection: Transaction, backend: BackendDep, request: Request, response: Response,
    workspace: WorkspaceId, body: UserInvite, now: Now,
) -> UserInvited:  # fmt: skip
    """Answers with the link to send, this once. Inviting again ends the older link.

    409 when the address belongs to an active user.
    """
    made = await accounts.invite(connection, workspace, body.email, body.role, now=now)
    return _with_link(made, backend, request, response)


@router.post("/{id}/link", status_code=201, summary="Make a new link", responses=problems(404))
async def new_link(
    connection: Transaction, backend: BackendDep, request: Request, response: Response,
    workspace: WorkspaceId, id: UUID, now: Now,  # noqa: A002
) -> UserInvited:  # fmt: skip
    """A link by which the user sets a new password, or takes up an invitation. Older ones end."""
    made = await accounts.new_link(connection, workspace, id, now=now)
    return _with_link(made, backend, request, response)


@router.patch("/{id}", summary="Change a user", responses=BODY | problems(404, 409))
async def change_user(
    connection: Transaction,
    workspace: WorkspaceId,
    id: UUID,  # noqa: A002
    body: UserChange,
) -> UserAnswer:
    """Another role signs the user out everywhere. 409 when it would leave nobody an owner."""
    user = await accounts.change_user(connection, workspace, id, role=body.role, name=body.name)
    return UserAnswer.model_validate(user)


@router.delete("/{id}", status_code=204, summary="Remove a user", responses=problems(404, 409))
async def remove_user(connection: Transaction, workspace: WorkspaceId, id: UUID) -> None:  # noqa: A002
    """Signed out everywhere and gone. 409 when it would leave nobody an owner."""
    await accounts.remove_user(connection, workspace, id)


def _with_link(
    made: tuple[UserRecord, str], backend: BackendDep, request: Request, response: Response
) -> UserInvited:
    user, token = made
    response.headers.update(NO_STORE)
    link = f"{public_base(request, backend.settings)}/welcome/{token}"
    return UserInvited(user=UserAnswer.model_validate(user), link=link)
