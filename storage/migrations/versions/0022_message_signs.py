"""What was told of messages after they left, and how a workspace's mail is tracked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Make room for signs, reports of providers and settings."""
    op.create_table(
        "message_signs",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("machine", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name="fk_message_signs_workspace_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
            name="fk_message_signs_message_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", "kind", "link", "machine", name="pk_message_signs"),
    )
    op.create_table(
        "provider_reports",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name="fk_provider_reports_workspace_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_provider_reports"),
    )
    op.create_index("ix_provider_reports_received", "provider_reports", ["received_at"])
    op.add_column("workspaces", sa.Column("tracking", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("workspaces", "tracking")
    op.drop_table("provider_reports")
    op.drop_table("message_signs")
