"""Templates carry tags, and what was sent and clicked of each is found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Let `best_of` find its candidates, and learn from them."""
    op.add_column(
        "templates",
        sa.Column("tags", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.create_index(
        "ix_messages_template",
        "messages",
        ["workspace_id", "template", "sent_at"],
        postgresql_include=["clicked_at"],
        postgresql_where=sa.text("sent_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Forget the tags."""
    op.drop_index("ix_messages_template", "messages")
    op.drop_column("templates", "tags")
