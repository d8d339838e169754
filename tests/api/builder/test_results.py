"""What a workflow achieved: goals beside a control group, and which message does better."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from storage.tables import Conversion, EntryDecision
from tests.api.management.drawings import EMAIL, definition, published
from tests.api.management.rows import NOON, contact, journey, message

BOUGHT = {"name": "Bought", "event": "Order Completed", "value": "total"}
BLOCKS = [
    {
        "id": "hello", "kind": "message", "channel": "email", "template": "a",
        "variants": [{"template": "b"}],
    }
]  # fmt: skip


@pytest.fixture
async def flow(api) -> str:
    for key in ("a", "b"):
        await api("POST", "/v1/templates", 201, json={"key": key, **EMAIL})
    drawn = definition(blocks=BLOCKS) | {"goals": [BOUGHT], "control": {"percent": 20}}
    return await published(api, "w", drawn)


async def person(
    connection: Any, w: UUID, flow: str, *, control: bool = False, bought: str | None = None,
    template: str | None = None, clicked: bool = False,
) -> None:  # fmt: skip
    """Somebody who entered or was held back, perhaps got a message, perhaps bought something."""
    id_ = await contact(connection, w)
    await connection.execute(
        insert(EntryDecision).values(
            id=uuid4(), workspace_id=w, workflow_id=UUID(flow), contact_id=id_,
            outcome="control" if control else "started", decided_at=NOON,
        )
    )  # fmt: skip
    sent = None
    if template is not None:
        run = await journey(connection, w, id_, flow)
        sent = await message(
            connection, w, id_, flow, run, block="hello", template=template, sent_at=NOON,
            clicked_at=NOON if clicked else None,
        )  # fmt: skip
    if bought is not None:
        await connection.execute(
            insert(Conversion).values(
                workspace_id=w, workflow_id=UUID(flow), goal="Bought", event_id=uuid4(),
                contact_id=id_, at=NOON, entered_at=NOON, control=control, value=bought,
                currency="EUR", message_id=sent, block="hello" if sent else None,
                template=template,
            )
        )  # fmt: skip


async def test_goals_tell_people_worth_and_what_the_control_group_did(api, database, flow):
    async with database.transaction() as c:
        for number in range(8):
            await person(
                c, api.workspace_id, flow, template="a", bought="10.50" if number < 4 else None
            )
        for number in range(4):
            bought = "3" if number < 1 else None
            await person(c, api.workspace_id, flow, control=True, bought=bought)
    [goal] = (await api("GET", "/v1/workflows/w/results"))["goals"]
    assert (goal["name"], goal["event"], goal["within"]) == ("Bought", "Order Completed", "P7D")
    assert (goal["conversions"], goal["contacts"]) == (4, 4)
    assert [(one["currency"], float(one["value"])) for one in goal["worth"]] == [("EUR", 42.0)]
    assert (goal["entered"]["contacts"], goal["entered"]["converted"]) == (8, 4)
    assert (goal["control"]["contacts"], goal["control"]["converted"]) == (4, 1)
    assert goal["entered"]["rate"]["value"] == 0.5
    assert goal["lift"] == pytest.approx(1.0)
    assert 0.6 < goal["better"] < 0.95


async def test_variants_are_compared_with_how_sure_that_is(api, database, flow):
    async with database.transaction() as c:
        for number in range(40):
            clicked = number < 20
            await person(c, api.workspace_id, flow, template="a", clicked=clicked)
            await person(
                c, api.workspace_id, flow, template="b", clicked=number < 5,
                bought="1" if number < 2 else None,
            )  # fmt: skip
    [experiment] = (await api("GET", "/v1/workflows/w/results"))["experiments"]
    a, b = experiment["variants"]
    assert (experiment["block"], experiment["kind"]) == ("hello", "message")
    assert (a["template"], a["sent"], a["clicked"]) == ("a", 40, 20)
    assert a["click_rate"]["low"] < 0.5 < a["click_rate"]["high"]
    assert a["best"] > 0.99
    assert a["best"] + b["best"] == pytest.approx(1)
    assert (a["conversions"], b["conversions"]) == ({}, {"Bought": 2})


async def test_a_window_leaves_out_what_happened_outside(api, database, flow):
    async with database.transaction() as c:
        await person(c, api.workspace_id, flow, template="a", bought="5")
    later = (NOON + timedelta(days=1)).isoformat()
    found = await api("GET", "/v1/workflows/w/results", params={"from": later})
    assert found["goals"][0]["conversions"] == 0
    assert [one["sent"] for one in found["experiments"][0]["variants"]] == [0, 0]


async def test_a_workflow_that_was_never_published_has_no_results(api):
    await api("POST", "/v1/templates", 201, json={"key": "a", **EMAIL})
    plain = {"id": "hello", "kind": "message", "channel": "email", "template": "a"}
    await api(
        "PUT", "/v1/workflows/draft", 201,
        json={"definition": definition(blocks=[plain]) | {"goals": [BOUGHT]}},
    )  # fmt: skip
    found = await api("GET", "/v1/workflows/draft/results")
    assert found == {"goals": [], "experiments": []}


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ({"goals": [BOUGHT, BOUGHT]}, "$.goals[1].name"),
        ({"goals": [BOUGHT | {"within": "P0D"}]}, "$.goals[0].within"),
        ({"control": {"percent": 100}}, "$.control.percent"),
    ],
    ids=["named twice", "no time", "everybody"],
)
async def test_what_is_wrong_with_a_goal_is_told(api, parts, path):
    await api("POST", "/v1/templates", 201, json={"key": "a", **EMAIL})
    plain = {"id": "hello", "kind": "message", "channel": "email", "template": "a"}
    drawn = definition(blocks=[plain]) | parts
    found = await api("POST", "/v1/workflows/check", json={"definition": drawn})
    assert [issue["path"] for issue in found["issues"]] == [path]


async def test_a_dry_run_tells_who_would_be_held_back(api, database, flow):
    async with database.transaction() as c:
        for number in range(30):
            await contact(c, api.workspace_id, f"u{number}")
    outcomes = set()
    for number in range(30):
        body = {"userId": f"u{number}"}
        found = await api("POST", "/v1/workflows/w/simulate", json=body)
        outcomes.add(found["start"]["outcome"])
    assert outcomes == {"started", "control"}
