"""How many blocks led to a membership; facts of the clock that wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Memberships know their depth; what the clock has queued is counted by an index."""
    for table in ("segment_members", "segment_stays"):
        op.add_column(
            table, sa.Column("depth", sa.SmallInteger(), server_default="0", nullable=False)
        )
    op.create_index(
        "ix_facts_clock",
        "facts",
        ["workspace_id", "lane"],
        postgresql_where=sa.text("kind = 'clock'"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_facts_clock", "facts")
    for table in ("segment_stays", "segment_members"):
        op.drop_column(table, "depth")
