"""Promo codes, journeys that are tests, and which update block made a fact."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

_UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add pools and their codes, and the columns of journeys and facts."""
    op.add_column("facts", sa.Column("workflow_id", sa.Uuid(), nullable=True))
    op.add_column(
        "facts", sa.Column("depth", sa.SmallInteger(), server_default="0", nullable=False)
    )
    op.add_column("journeys", sa.Column("variables", JSONB(), nullable=True))
    op.add_column("journeys", sa.Column("test_to", sa.String(), nullable=True))
    op.add_column("journeys", sa.Column("test_wait", sa.Integer(), nullable=True))
    op.create_index(
        "ix_journeys_tests", "journeys", ["workspace_id", "started_at", "id"],
        postgresql_where=sa.text("test_to IS NOT NULL"),
    )  # fmt: skip
    op.alter_column("workflow_versions", "version", nullable=True)
    op.create_table(
        "promo_pools",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", _UTC, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", _UTC, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_promo_pools_workspace_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_promo_pools"),
    )  # fmt: skip
    op.create_index("uq_promo_pools_key", "promo_pools", ["workspace_id", "key"], unique=True)
    op.create_index("ix_promo_pools_page", "promo_pools", ["workspace_id", "created_at", "id"])
    op.create_table(
        "promo_codes",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=True),
        sa.Column("block", sa.String(), nullable=True),
        sa.Column("visit", sa.Integer(), nullable=True),
        sa.Column("taken_at", _UTC, nullable=True),
        sa.Column("created_at", _UTC, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_promo_codes_workspace_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["promo_pools.id"], name="fk_promo_codes_pool_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_promo_codes"),
    )  # fmt: skip
    op.create_index("uq_promo_codes_code", "promo_codes", ["pool_id", "code"], unique=True)
    op.create_index("uq_promo_codes_visit", "promo_codes", ["journey_id", "visit"], unique=True)
    op.create_index(
        "ix_promo_codes_free", "promo_codes", ["pool_id", "id"],
        postgresql_where=sa.text("taken_at IS NULL"),
    )  # fmt: skip
