"""A test's world: the contact is read as it is, and nothing about anybody is changed."""

from __future__ import annotations

from engine.advance.world import DatabaseWorld
from journeys.definition import EmitBlock, PromoBlock, UpdateBlock

TEST_CODE = "TEST-CODE"
"""What a test's messages show in place of a promo code."""


class TestWorld(DatabaseWorld):
    """As `DatabaseWorld`; blocks that would change something only say so on their step."""

    __test__ = False  # (pytest)

    async def emit(self, block: EmitBlock, visit: int, depth: int) -> str:
        """Record nothing."""
        del visit, depth
        return f"test: {block.event} is not recorded"

    async def update(self, block: UpdateBlock, depth: int) -> tuple[str, str | None]:
        """Leave the contact as it is."""
        del block, depth
        return "test: the contact is not changed", self._state.contact_zone

    async def take_code(self, block: PromoBlock, visit: int) -> tuple[str, str | None]:
        """Take no code."""
        del visit
        self._params.setdefault(block.as_, TEST_CODE)
        return "test: no code is taken", TEST_CODE
