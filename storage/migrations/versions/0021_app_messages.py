"""Messages that the app fetches, their feeds, and proof of who its user is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"


def moment(name: str, **options: object) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), **{"nullable": False, **options})  # type: ignore[arg-type]


def reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE"
    )


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "app_messages",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        moment("created_at", server_default=sa.func.now()),
        moment("expires_at"),
        moment("seen_at", nullable=True),
        sa.Column("seen_count", sa.Integer(), server_default="0", nullable=False),
        moment("clicked_at", nullable=True),
        moment("dismissed_at", nullable=True),
        moment("read_at", nullable=True),
        moment("gone_at", nullable=True),
        sa.Column("gone_reason", sa.String(), nullable=True),
        reference("app_messages", "workspace_id", "workspaces.id"),
        reference("app_messages", "id", "messages.id"),
        reference("app_messages", "contact_id", "contacts.id"),
        sa.PrimaryKeyConstraint("id", name="pk_app_messages"),
    )
    op.create_index(
        "ix_app_messages_contact", "app_messages", ["contact_id", "channel", "created_at", "id"]
    )
    op.create_table(
        "app_feeds",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        reference("app_feeds", "workspace_id", "workspaces.id"),
        reference("app_feeds", "contact_id", "contacts.id"),
        sa.PrimaryKeyConstraint("contact_id", name="pk_app_feeds"),
    )
    op.create_table(
        "verified_identities",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        moment("created_at", server_default=sa.func.now()),
        reference("verified_identities", "workspace_id", "workspaces.id"),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_verified_identities"),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("verified_identities", "app_feeds", "app_messages"):
        op.drop_table(name)
