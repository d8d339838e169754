from __future__ import annotations

from tests.engine.conftest import scenario

__all__ = ["scenario"]
