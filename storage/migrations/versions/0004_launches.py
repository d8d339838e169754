"""Mass launches: their state, and which journeys and decisions they made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

_UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add launches; journeys and decisions remember theirs."""
    op.create_table(
        "launches",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workflow_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("params", JSONB(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("members_at", _UTC, nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.Column("spread_seconds", sa.Float(), nullable=True),
        sa.Column("next_at", _UTC, server_default=sa.text("now()"), nullable=False),
        sa.Column("execution", sa.String(), nullable=True),
        sa.Column("started_at", _UTC, server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", _UTC, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_launches_workspace_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workflow_id"], ["workflows.id"], name="fk_launches_workflow_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segments.id"], name="fk_launches_segment_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_launches"),
    )
    op.create_index("ix_launches_page", "launches", ["workspace_id", "started_at", "id"])
    op.create_index("ix_launches_workflow", "launches", ["workflow_id", "started_at", "id"])
    op.create_index(
        "ix_launches_due",
        "launches",
        ["next_at"],
        postgresql_where=sa.text("state = 'running'"),
    )
    op.add_column("journeys", sa.Column("launch_id", sa.Uuid(), nullable=True))
    op.add_column("entry_decisions", sa.Column("launch_id", sa.Uuid(), nullable=True))
    op.create_index("ix_entry_decisions_launch", "entry_decisions", ["launch_id", "outcome"])
