"""Stored membership of segments: stays that ended, instants at which time changes it, backfills."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add what live segments need; those that exist are backfilled."""
    op.add_column(
        "facts", sa.Column("silent", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column(
        "interests", sa.Column("segments", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column(
        "segments", sa.Column("state", sa.String(), server_default="live", nullable=False)
    )
    op.add_column(
        "segments", sa.Column("generation", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_index(
        "ix_contacts_lane",
        "contacts",
        [
            "workspace_id",
            sa.text("((get_byte(uuid_send(id), 14) * 256 + get_byte(uuid_send(id), 15)) % 64)"),
            "id",
        ],
    )
    op.create_index(
        "ix_segment_members_page", "segment_members", ["segment_id", "entered_at", "contact_id"]
    )
    op.create_table(
        "segment_stays",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("entered_at", _UTC, nullable=False),
        sa.Column("left_at", _UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name="fk_segment_stays_workspace_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segments.id"], name="fk_segment_stays_segment_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name="fk_segment_stays_contact_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_segment_stays"),
    )
    op.create_index(
        "ix_segment_stays_contact", "segment_stays", ["contact_id", "segment_id", "left_at"]
    )
    op.create_index("ix_segment_stays_segment", "segment_stays", ["segment_id", "left_at", "id"])
    op.create_table(
        "segment_instants",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", _UTC, nullable=False),
        sa.PrimaryKeyConstraint("segment_id", "contact_id", name="pk_segment_instants"),
    )
    op.create_index("ix_segment_instants_due", "segment_instants", ["workspace_id", "due_at"])
    op.create_table(
        "segment_clocks",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("wakes_at", _UTC, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name="fk_segment_clocks_workspace_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_segment_clocks"),
    )
    op.create_table(
        "segment_backfills",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Boolean(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("started_at", _UTC, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name="fk_segment_backfills_workspace_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segments.id"],
            name="fk_segment_backfills_segment_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("segment_id", name="pk_segment_backfills"),
    )
    op.create_table(
        "segment_backfill_lanes",
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment_backfills.segment_id"],
            name="fk_segment_backfill_lanes_segment_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("segment_id", "lane", name="pk_segment_backfill_lanes"),
    )
