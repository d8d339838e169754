"""A journey with all that draws its path over the canvas."""

from __future__ import annotations

import pytest

from journeys.definition import Definition
from journeys.edges import Edge, edge_taken
from tests.api.management.drawings import EMAIL, definition, published
from tests.api.management.rows import after, contact, journey, message, step

BLOCKS = [
    {"id": "hello", "kind": "message", "channel": "email", "template": "t", "next": "half",
     "else": "bye"},
    {"id": "half", "kind": "split", "branches": [{"weight": 1}, {"weight": 1, "next": "wait"}]},
    {"id": "wait", "kind": "wait_for", "event": "Read", "timeout": "P1D", "then": "bye",
     "else": "if"},
    {"id": "if", "kind": "condition", "if": {"field": "plan", "op": "exists"}, "then": "bye"},
    {"id": "bye", "kind": "exit"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("block", "outcome", "edge"),
    [
        ("hello", "sent", Edge("next", "half")),
        ("hello", "opened", Edge("next", "half")),
        ("hello", "skipped", Edge("else", "bye")),
        ("hello", "stopped", None),
        ("hello", None, None),
        ("half", "branch 0", Edge("branches[0].next", None)),
        ("half", "branch 1", Edge("branches[1].next", "wait")),
        ("wait", "event", Edge("then", "bye")),
        ("wait", "entered", Edge("then", "bye")),
        ("wait", "timeout", Edge("else", "if")),
        ("if", "then", Edge("then", "bye")),
        ("if", "else", Edge("else", None)),
        ("bye", "exit", None),
    ],
)
def test_an_outcome_tells_the_way_out(block, outcome, edge):
    drawn = Definition.model_validate(definition(blocks=BLOCKS))
    assert edge_taken(drawn.by_id()[block], outcome) == edge


async def test_a_journey_tells_its_path_and_what_it_sent_on_its_own_version(api, database):
    await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})
    drawing = definition(blocks=BLOCKS)
    workflow = await published(api, "w", drawing)
    async with database.transaction() as connection:
        w = api.workspace_id
        person = await contact(connection, w, "u1")
        run = await journey(connection, w, person, workflow, block="wait", visit=3)
        await step(connection, w, run, 1, block="hello", left_at=after(2), outcome="sent")
        await step(connection, w, run, 2, block="half", left_at=after(2), outcome="branch 1")
        await step(connection, w, run, 3, block="wait")
        sent = await message(connection, w, person, workflow, run)
    await api("PUT", "/v1/workflows/w", json={"definition": definition("Newer")})
    await api("POST", "/v1/workflows/w/publish")
    seen = await api("GET", f"/v1/journeys/{run}")
    assert seen["definition"] == drawing
    assert [(s["block"], s["edge"], s["to"]) for s in seen["steps"]] == [
        ("hello", "next", "half"),
        ("half", "branches[1].next", "wait"),
        ("wait", None, None),
    ]
    assert [[m["id"] for m in s["messages"]] for s in seen["steps"]] == [[str(sent)], [], []]
    assert seen["temporal"]["workflow_id"] == str(run)
    old = await api("GET", "/v1/workflows/w/versions/1")
    assert old["definition"] == drawing
    await api("GET", "/v1/workflows/w/versions/3", 404)
    await api("POST", f"/v1/journeys/{run}/stop")
    stopped = await api("GET", f"/v1/journeys/{run}")
    assert [(s["edge"], s["to"]) for s in stopped["steps"]][-1] == (None, None)
