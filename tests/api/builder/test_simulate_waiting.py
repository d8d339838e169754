"""Dry runs of a `wait_for` a message: as was assumed of the message, or of the wait itself."""

from __future__ import annotations

import pytest

from tests.api.builder.test_simulate import path, simulated
from tests.api.management.drawings import EMAIL, definition

WAITING = definition(
    blocks=[
        {"id": "hello", "kind": "message", "channel": "email", "template": "t", "next": "read"},
        {"id": "read", "kind": "wait_for", "message": {"block": "hello", "state": "opened"},
         "timeout": "PT2H", "then": "saw", "else": "not"},
        {"id": "saw", "kind": "exit"},
        {"id": "not", "kind": "exit"},
    ],
)  # fmt: skip


@pytest.fixture(autouse=True)
async def template(api) -> None:
    await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})


@pytest.mark.parametrize(
    ("assume", "outcome", "end"),
    [
        ({}, "timeout", "not"),
        ({"hello": "delivered"}, "timeout", "not"),
        ({"hello": "opened"}, "opened", "saw"),
        ({"hello": "clicked"}, "opened", "saw"),
        ({"read": "then"}, "opened", "saw"),
        ({"hello": "opened", "read": "else"}, "timeout", "not"),
    ],
    ids=lambda value: "-".join(map("=".join, value.items())) if isinstance(value, dict) else value,
)
async def test_the_wait_ends_as_is_assumed(api, assume, outcome, end):
    answer = await simulated(api, WAITING, assume=assume)
    steps = {block: left for block, _, left in path(answer)}
    assert steps["read"] == outcome
    assert end in steps
