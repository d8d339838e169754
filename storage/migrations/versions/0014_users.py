"""Users, their sessions and links, and how often signing in was tried."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

TABLES = ("users", "user_sessions", "invitations", "sign_in_tries")


def moment(name: str, **options: object) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), **{"nullable": False, **options})  # type: ignore[arg-type]


def of_workspace(table: str) -> list[sa.Column[object] | sa.ForeignKeyConstraint]:
    return [
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=f"fk_{table}_workspace_id", ondelete="CASCADE"
        ),
    ]


def of_user(table: str, *, nullable: bool = False) -> list[sa.Column[object] | sa.Constraint]:
    return [
        sa.Column("user_id", sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=f"fk_{table}_user_id", ondelete="CASCADE"
        ),
    ]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "users",
        *of_workspace("users"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("oidc_issuer", sa.String(), nullable=True),
        sa.Column("oidc_subject", sa.String(), nullable=True),
        moment("created_at", server_default=sa.func.now()),
        moment("activated_at", nullable=True),
        moment("last_seen_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
        sa.CheckConstraint("role IN ('owner', 'editor', 'viewer')", name="role"),
    )
    op.create_index("ix_users_oidc", "users", ["oidc_issuer", "oidc_subject"], unique=True)
    op.create_index("ix_users_workspace", "users", ["workspace_id", "created_at", "id"])
    op.create_table(
        "user_sessions",
        *of_workspace("user_sessions"),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        *of_user("user_sessions"),
        moment("created_at"),
        moment("used_at"),
        moment("expires_at"),
        moment("ends_at"),
        sa.PrimaryKeyConstraint("hash", name="pk_user_sessions"),
    )
    op.create_index("ix_user_sessions_user_id", "user_sessions", ["user_id"])
    op.create_table(
        "invitations",
        *of_workspace("invitations"),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        *of_user("invitations", nullable=True),
        moment("created_at"),
        moment("expires_at"),
        sa.PrimaryKeyConstraint("hash", name="pk_invitations"),
    )
    op.create_index("ix_invitations_user_id", "invitations", ["user_id"])
    op.create_table(
        "sign_in_tries",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        moment("begun_at"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_sign_in_tries"),
    )


def downgrade() -> None:
    """Drop them."""
    for name in reversed(TABLES):
        op.drop_table(name)
