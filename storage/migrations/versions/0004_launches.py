"""Mass launches: their state, and which journeys and decisions they made."""

from __future__ import annotations

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Nothing yet."""
