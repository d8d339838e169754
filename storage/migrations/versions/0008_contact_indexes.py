"""Indexes that find the contacts for whom a predicate holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Find contacts by a custom field, a phone, their id, and by what they did of late."""
    op.create_index("ix_contacts_id", "contacts", ["workspace_id", "id"])
    op.create_index(
        "ix_contacts_phone",
        "contacts",
        ["workspace_id", "phone"],
        postgresql_where=sa.text("phone IS NOT NULL"),
    )
    op.create_index(
        "ix_contacts_fields",
        "contacts",
        ["fields"],
        postgresql_using="gin",
        postgresql_ops={"fields": "jsonb_path_ops"},
    )
    # Always so, and said by searches only: what is asked of one contact must not take this index,
    # which statistics that lag behind would make look better than the contact's own.
    op.create_index(
        "ix_events_name",
        "events",
        ["workspace_id", "name", "timestamp", "contact_id"],
        postgresql_where=sa.text("depth >= 0"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_events_name", "events")
    for name in ("ix_contacts_fields", "ix_contacts_phone", "ix_contacts_id"):
        op.drop_index(name, "contacts")
