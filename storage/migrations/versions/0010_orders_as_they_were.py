"""What an order was at each update, and files that are sent twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Keep all of an update; know a repeated upload and repeated rows."""
    _order_states()
    _imports()


def _order_states() -> None:
    op.add_column("order_states", sa.Column("currency", sa.String(), nullable=True))
    op.add_column("order_states", sa.Column("items", postgresql.JSONB(), nullable=True))
    # Only of its present state is it known what an order held; older ones stay without items.
    op.execute(
        "UPDATE order_states s SET currency = o.currency, items = o.items "
        "FROM orders o WHERE o.id = s.order_id AND s.seq = ("
        'SELECT x.seq FROM order_states x WHERE x.order_id = o.id AND x."timestamp" = o."timestamp"'
        " AND x.status = o.status ORDER BY x.seq DESC LIMIT 1)"
    )
    op.drop_index("uq_order_states_update", "order_states")
    op.create_index(
        "uq_order_states_update",
        "order_states",
        ["order_id", "timestamp", "status", "total", "currency", sa.text("md5(items::text)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )


def _imports() -> None:
    op.add_column("imports", sa.Column("request", sa.String(), nullable=True))
    op.add_column("imports", sa.Column("digest", sa.LargeBinary(), nullable=True))
    op.add_column("imports", sa.Column("refusing", sa.String(), nullable=True))
    op.create_index(
        "uq_imports_request",
        "imports",
        ["workspace_id", "request"],
        unique=True,
        postgresql_where=sa.text("request IS NOT NULL"),
    )
    op.create_table(
        "import_rows",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Uuid(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name="fk_import_rows_workspace_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name="fk_import_rows_import_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "digest", name="pk_import_rows"),
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_table("import_rows")
    op.drop_index("uq_imports_request", "imports")
    for name in ("refusing", "digest", "request"):
        op.drop_column("imports", name)
    op.drop_index("uq_order_states_update", "order_states")
    for name in ("items", "currency"):
        op.drop_column("order_states", name)
    op.execute(
        "DELETE FROM order_states s USING order_states x WHERE x.order_id = s.order_id "
        'AND x."timestamp" = s."timestamp" AND x.status = s.status '
        "AND x.total IS NOT DISTINCT FROM s.total AND x.seq < s.seq"
    )
    op.create_index(
        "uq_order_states_update",
        "order_states",
        ["order_id", "timestamp", "status", "total"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
