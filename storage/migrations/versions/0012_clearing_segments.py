"""Segments are cleared away in pages; what nobody read is dropped; an index for the history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Let rows of members outlive their segment until they are cleared away."""
    op.create_table(
        "segment_clearings",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "begun_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name="fk_segment_clearings_workspace_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("segment_id", name="pk_segment_clearings"),
    )
    op.drop_constraint("fk_segment_members_segment_id", "segment_members")
    op.drop_constraint("fk_segment_stays_segment_id", "segment_stays")
    op.create_index("ix_segment_stays_entered", "segment_stays", ["segment_id", "entered_at"])
    op.drop_column("segments", "generation")
    op.drop_column("segment_backfills", "generation")
