"""Searching entry decisions and ends: the re-entry key of a decision, and indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"

# What a key is searched by. Cut, because an index takes no entry above 2,700 bytes.
ENTRY_KEY = r"""
CREATE FUNCTION sojourn_entry_key(key jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT left(string_agg(coalesce(value, ''), chr(31)
                         ORDER BY coalesce(value, '') COLLATE "C"), 200)
  FROM jsonb_each_text(key)
$$
"""


def upgrade() -> None:
    """Let both be found by workflow, key, reason and time."""
    op.execute(ENTRY_KEY)
    op.add_column("entry_decisions", sa.Column("key", JSONB(), nullable=True))
    op.create_index(
        "ix_entry_decisions_key",
        "entry_decisions",
        ["workflow_id", sa.text("sojourn_entry_key(key)"), "decided_at"],
        postgresql_where=sa.text("key IS NOT NULL"),
    )
    op.create_index(
        "ix_entry_decisions_skipped",
        "entry_decisions",
        ["workflow_id", "outcome", "decided_at"],
        postgresql_where=sa.text("outcome <> 'started'"),
    )
    op.create_index(
        "ix_journeys_ended",
        "journeys",
        ["workflow_id", "ended_at", "id"],
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index(
        "ix_journeys_reason",
        "journeys",
        ["workflow_id", "reason_kind", "ended_at"],
        postgresql_where=sa.text("state IN ('stopped', 'failed')"),
    )
