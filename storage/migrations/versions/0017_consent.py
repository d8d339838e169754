"""Topics, subscriptions, suppressed addresses, frequency caps, and hours of the workspace."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"


def _moment(name: str) -> sa.Column[Any]:
    now = sa.text("now()")
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=now)


def _table(name: str, *parts: Any, key: list[str]) -> None:
    op.create_table(
        name,
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=f"fk_{name}_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
    )


def upgrade() -> None:
    """Make room; nobody has said anything yet."""
    _table(
        "topics",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("channels", JSONB(), nullable=False),
        sa.Column("subscribed", sa.Boolean(), nullable=False),
        sa.Column("transactional", sa.Boolean(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        key=["id"],
    )
    op.create_index("uq_topics_key", "topics", ["workspace_id", "key"], unique=True)
    op.create_index("ix_topics_page", "topics", ["workspace_id", "created_at", "id"])
    _table(
        "subscriptions",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("subscribed", sa.Boolean(), nullable=False),
        _moment("at"),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name="fk_subscriptions_contact_id",
            ondelete="CASCADE",
        ),
        key=["contact_id", "topic", "channel"],
    )
    _table(
        "suppressions",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        _moment("at"),
        sa.UniqueConstraint("id", name="uq_suppressions_id"),
        key=["hash"],
    )
    op.create_index("ix_suppressions_page", "suppressions", ["workspace_id", "at", "id"])
    _table(
        "frequency_caps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        key=["id"],
    )
    op.create_index("uq_frequency_caps_key", "frequency_caps", ["workspace_id", "key"], unique=True)
    op.create_index(
        "ix_frequency_caps_page", "frequency_caps", ["workspace_id", "created_at", "id"]
    )
    op.add_column("messages", sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("workspaces", sa.Column("allowed_hours", JSONB(), nullable=True))
    op.add_column(
        "workspaces",
        sa.Column(
            "link_secret",
            sa.LargeBinary(),
            nullable=False,
            server_default=sa.text(
                "sha256(convert_to(CAST(gen_random_uuid() AS text)"
                " || CAST(gen_random_uuid() AS text), 'UTF8'))"
            ),
        ),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_column("workspaces", "link_secret")
    op.drop_column("workspaces", "allowed_hours")
    op.drop_column("messages", "counted_at")
    for table in ("frequency_caps", "suppressions", "subscriptions", "topics"):
        op.drop_table(table)
