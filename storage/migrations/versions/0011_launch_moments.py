"""The moments of schedules: which launch each had, or why it had none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the moment of a launch, how many it missed, and how far a schedule was looked at."""
    op.add_column("launches", sa.Column("scheduled_for", _UTC, nullable=True))
    op.add_column("launches", sa.Column("missed", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "uq_launches_moment",
        "launches",
        ["workflow_id", "scheduled_for"],
        unique=True,
        postgresql_where=sa.text("scheduled_for IS NOT NULL"),
    )
    op.add_column(
        "workflows",
        sa.Column("schedule_since", _UTC, server_default=sa.text("now()"), nullable=False),
    )
    op.add_column("workflows", sa.Column("paused_at", _UTC, nullable=True))
    op.add_column("workflows", sa.Column("resumed_at", _UTC, nullable=True))
