"""The states that orders went through, and imports of files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables; the history of an order begins with what it is now."""
    _order_states()


def _order_states() -> None:
    op.create_table(
        "order_states",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("total", sa.Numeric(), nullable=True),
        sa.Column("timestamp", _UTC, nullable=False),
        sa.Column("received_at", _UTC, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name="fk_order_states_workspace_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_order_states_order_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_order_states"),
    )
    op.create_index(
        "uq_order_states_update",
        "order_states",
        ["order_id", "timestamp", "status", "total"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.execute(
        "INSERT INTO order_states "
        '(workspace_id, order_id, status, total, "timestamp", received_at) '
        'SELECT workspace_id, id, status, total, "timestamp", updated_at FROM orders'
    )
