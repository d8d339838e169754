"""How many events of each name there were in each hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make room for the counts; the reconciler counts what is there, bit by bit."""
    op.create_table(
        "event_counts",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name="fk_event_counts_workspace_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "name", "at", name="pk_event_counts"),
    )
    op.create_table(
        "event_count_marks",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("counted_to", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name="fk_event_count_marks_workspace_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_event_count_marks"),
    )


def downgrade() -> None:
    """Count no more."""
    op.drop_table("event_count_marks")
    op.drop_table("event_counts")
