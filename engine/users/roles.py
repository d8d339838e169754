"""What the three roles are called."""

from __future__ import annotations

from typing import Literal

Role = Literal["owner", "editor", "viewer"]
"""`viewer` only looks, `editor` changes all but users, keys and settings, `owner` everything."""
