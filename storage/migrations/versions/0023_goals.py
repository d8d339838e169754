"""Goals that were reached."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "conversions",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("workflow_id", sa.Uuid(), nullable=False),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("journey_id", sa.Uuid(), nullable=True),
        sa.Column("block", sa.String(), nullable=True),
        sa.Column("template", sa.String(), nullable=True),
        sa.Column("entered_at", _UTC, nullable=True),
        sa.Column("control", sa.Boolean(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name="fk_conversions_workspace_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workflow_id"], ["workflows.id"], name="fk_conversions_workflow_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name="fk_conversions_contact_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("workflow_id", "goal", "event_id", name="pk_conversions"),
    )
    op.create_index("ix_conversions_workflow", "conversions", ["workflow_id", "at"])
    op.create_index("ix_conversions_contact", "conversions", ["contact_id"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("conversions")
