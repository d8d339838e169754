"""Whether apps must prove who their user is, and the secret by which their backends do."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.management import ManagementRoute
from api.models.app_messages import SecretAnswer, VerificationAnswer, VerificationChange
from api.models.problem import ALWAYS, BODY
from engine.app_messages import identity

router = APIRouter(
    prefix="/v1/settings/verified-identities", tags=["settings"], route_class=ManagementRoute,
    responses=ALWAYS, strict_content_type=False,
)  # fmt: skip


def _answer(found: identity.Verification) -> VerificationAnswer:
    return VerificationAnswer(required=found.required, secret_created_at=found.made_at)


@router.get("", summary="Read whether identities are verified")
async def get_verified_identities(
    connection: Transaction, workspace: WorkspaceId
) -> VerificationAnswer:
    """Never the secret itself."""
    return _answer(await identity.read_verification(connection, workspace))


@router.patch("", summary="Require verified identities, or no longer", responses=BODY)
async def patch_verified_identities(
    connection: Transaction, workspace: WorkspaceId, body: VerificationChange
) -> VerificationAnswer:
    """Once required, calls of apps without the right `userHash` are refused with 403."""
    return _answer(await identity.require(connection, workspace, body.required))


@router.post("/secret", status_code=201, summary="Make a new identity secret")
async def make_identity_secret(
    connection: Transaction, workspace: WorkspaceId, now: Now
) -> SecretAnswer:
    """Show it this once. Hashes that were made with the one before are refused from now on."""
    secret = await identity.replace_secret(connection, workspace, now=now)
    return SecretAnswer(secret=secret, created_at=now)
