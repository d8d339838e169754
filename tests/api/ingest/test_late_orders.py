"""Orders by HTTP whose news come late, or are over already, and the journeys they stand against."""

from __future__ import annotations

import pytest

from tests.engine.test_lane_decisions import decide
from tests.support.quiet import quiet_others
from tests.support.scenario import Scenario

STOP = {"kind": "order", "status": ["delivered"], "lookback": "P7D"}


def day(number: int) -> str:
    return f"2024-05-{number:02}T10:00:00Z"


@pytest.fixture
async def scenario(database, workspace_id) -> Scenario:
    await quiet_others(database, workspace_id)
    scenario = Scenario(database, workspace_id)
    await scenario.publish(key="thanks", stop=[STOP])
    return scenario


async def order(api, scenario, status, at):
    await api.ok("/v1/orders", {
        "orderId": "o1", "userId": "ada", "status": status, "timestamp": day(at),
    })  # fmt: skip
    await decide(scenario, (await api.contact("ada")).id)


async def begin(api, scenario, at):
    await api.ok("/v1/track", {"userId": "ada", "event": "Begun", "timestamp": day(at)})
    await decide(scenario, (await api.contact("ada")).id)


async def explained(api):
    answer = await api.client.get("/v1/workflows/thanks/explain", params={"contact": "ada"})
    assert answer.status_code == 200, answer.text
    return answer.json()["answer"]["code"]


async def test_an_order_that_was_delivered_and_came_back_refuses_a_start(api, scenario):
    await order(api, scenario, "delivered", 5)
    await order(api, scenario, "cancelled", 9)
    await begin(api, scenario, 10)
    assert await explained(api) == "skipped_stop_lookback"


async def test_a_delivery_that_is_told_late_ends_the_journey(api, scenario):
    await begin(api, scenario, 10)
    await order(api, scenario, "cancelled", 20)
    [running] = await scenario.journeys()
    assert running.state == "running"
    await order(api, scenario, "delivered", 15)
    answer = await api.client.get(f"/v1/journeys/{running.id}")
    assert answer.json()["state"] == "stopped"
    assert answer.json()["reason"] == {"kind": "order", "detail": "order o1 is delivered"}
