"""Where blocks stand on the canvas, beside the definition that they are of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Let drafts and versions hold the positions of their blocks."""
    op.add_column("workflows", sa.Column("layout", JSONB(), nullable=True))
    op.add_column("workflow_versions", sa.Column("layout", JSONB(), nullable=True))
