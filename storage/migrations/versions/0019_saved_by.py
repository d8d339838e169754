"""Who saved a draft last, for whoever finds it changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Let workflows hold the name; that of drafts saved before is not known."""
    op.add_column("workflows", sa.Column("saved_by", sa.String(), nullable=True))
