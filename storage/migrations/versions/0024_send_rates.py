"""When an account may send next, and when a message's turn is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Let accounts have rates."""
    op.add_column("providers", sa.Column("next_slot_at", _UTC, nullable=True))
    op.add_column("messages", sa.Column("slot_at", _UTC, nullable=True))


def downgrade() -> None:
    """Send as fast as it goes."""
    op.drop_column("messages", "slot_at")
    op.drop_column("providers", "next_slot_at")
