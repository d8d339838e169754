"""Where the builder has the blocks is kept beside the definition."""

from __future__ import annotations

import pytest

from tests.api.management.drawings import definition

LAYOUT = {"hello": [0.0, 120.0], "$start": [-20.0, 0.0]}


async def test_a_layout_is_saved_published_and_answered(api):
    drawn = definition(blocks=[{"id": "bye", "kind": "exit"}])
    body = {"key": "hi", "definition": drawn, "layout": LAYOUT}
    made = await api("POST", "/v1/workflows", 201, json=body)
    assert made["layout"] == LAYOUT
    await api("POST", "/v1/workflows/hi/publish")
    [version] = (await api("GET", "/v1/workflows/hi/versions"))["data"]
    assert version["layout"] == LAYOUT


async def test_a_save_without_a_layout_keeps_it(api):
    drawn = definition(blocks=[{"id": "bye", "kind": "exit"}])
    body = {"definition": drawn, "layout": LAYOUT}
    made = await api("PUT", "/v1/workflows/hi", 201, params={"check": "later"}, json=body)
    saved = await api("PUT", "/v1/workflows/hi", json={"definition": drawn})
    assert (made["layout"], saved["layout"]) == (LAYOUT, LAYOUT)
    moved = await api("PATCH", "/v1/workflows/hi", json={"layout": {"bye": [1.0, 2.0]}})
    assert (moved["layout"], moved["revision"]) == ({"bye": [1.0, 2.0]}, 3)


async def test_moving_blocks_makes_no_new_version(api):
    drawn = definition(blocks=[{"id": "bye", "kind": "exit"}])
    await api("PUT", "/v1/workflows/hi", 201, json={"definition": drawn})
    first = await api("POST", "/v1/workflows/hi/publish")
    await api("PATCH", "/v1/workflows/hi", json={"layout": LAYOUT})
    assert await api("POST", "/v1/workflows/hi/publish") == first


@pytest.mark.parametrize(
    "layout",
    [
        {"hello": [1]},
        {"hello": ["a", 2]},
        {"x" * 65: [1, 2]},
        [],
        {str(n): [0, 0] for n in range(1011)},
    ],
    ids=["one number", "text", "long id", "list", "many"],
)  # fmt: skip
async def test_what_is_no_layout_is_refused(api, layout):
    drawn = definition(blocks=[{"id": "bye", "kind": "exit"}])
    await api("PUT", "/v1/workflows/hi", 422, json={"definition": drawn, "layout": layout})
