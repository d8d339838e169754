"""The callers of the management tests, for what the web app asks."""

from __future__ import annotations

from tests.api.management.conftest import api, app, callers, stranger, wakeup, writer

__all__ = ["api", "app", "callers", "stranger", "wakeup", "writer"]
