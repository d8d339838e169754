"""A dry run tells the path and the instants that the journey then takes.

Allowed hours are left out: sending looks at the real clock, which does not skip.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from engine.simulation.simulate import Simulation, simulate

CLOSE = timedelta(minutes=2)
"""A real journey takes its time between two waits, which a dry run does not."""

WAITS = st.sampled_from(
    [
        {"for": "PT5H"},
        {"for": "P1D", "until": {"time": "09:00"}},
        {"until": {"time": "21:30", "weekdays": ["mon", "fri"]}},
        {"for": "P1M"},
        {"until": {"field": "trial_ends_at", "offset": "-P1D"}},
        {"at": "2020-01-01T10:00"},
    ]
)
PREDICATES = st.sampled_from(
    [
        {"field": "plan", "op": "=", "value": "pro"},
        {"not": {"field": "score", "op": ">", "value": 3}},
        {"now": {"weekdays": ["sat", "sun"]}},
        {"now": {"from": "08:00", "to": "20:00"}},
        {"message": {"block": "all", "state": "sent"}},
        {"event": "Begun", "within": "P7D"},
        {"field": "seen_at", "op": "after", "value": "-P3D"},
        {"param": "minutes", "op": ">=", "value": 20},
    ]
)


@st.composite
def drawings(draw: Any) -> list[dict[str, Any]]:
    """Blocks in a row whose ways lead forward; the last one ends."""
    count = draw(st.integers(2, 7))
    kinds = draw(st.lists(st.sampled_from(
        ["timer", "condition", "message", "split", "wait_for", "update", "exit"]
    ), min_size=count, max_size=count))  # fmt: skip
    blocks: list[dict[str, Any]] = []
    for place, kind in enumerate(kinds):
        ahead = [f"b{n}" for n in range(place + 1, count)]
        ways = st.sampled_from([*ahead, None]) if ahead else st.none()
        following = f"b{place + 1}" if ahead else None
        block: dict[str, Any] = {"id": f"b{place}", "kind": kind}
        match kind:
            case "timer":
                block |= {"wait": draw(WAITS), "next": following}
            case "condition":
                block |= {"if": draw(PREDICATES), "then": following, "else": draw(ways)}
            case "message":
                block |= {"channel": "email", "template": "hello", "next": following}
            case "split":
                block |= {"branches": [{"weight": 1, "next": following},
                                       {"weight": 2, "next": draw(ways)}]}  # fmt: skip
            case "wait_for":
                block |= {"event": "Never", "timeout": "P2D", "then": draw(ways),
                          "else": following}  # fmt: skip
            case "update":
                changes = {"plan": "pro", "score": {"+": 2}}
                block |= {"set": changes, "next": following}
        blocks.append({name: value for name, value in block.items() if value is not None})
    return _reachable(blocks)


def _reachable(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that some way leads to; an exit cuts off what follows it."""
    from journeys.definition import Definition, targets
    from tests.support.scenario import definition

    drawn = Definition.model_validate(definition(blocks=blocks))
    reached = {"b0"}
    for block in drawn.blocks:
        if block.id in reached:
            reached.update(target for _, target in targets(block))
    return [block for block in blocks if block["id"] in reached]


PEOPLE = st.fixed_dictionaries(
    {
        "timezone": st.sampled_from([None, "Asia/Tokyo", "America/New_York", "Nowhere/Land"]),
        "fields": st.sampled_from(
            [{}, {"plan": "pro"}, {"score": 5, "trial_ends_at": "2031-05-05"}, {"score": "4"}]
        ),
        "email": st.sampled_from(["ann@example.com", "ann@example.com", None]),
    }
)


async def test_a_journey_takes_the_path_and_the_instants_that_its_dry_run_told(
    scenario, skipping, database, time_skipping_server
):
    await scenario.template()
    examples: list[tuple[list[dict[str, Any]], dict[str, Any]]] = []

    @seed(20261123)
    @settings(max_examples=12, deadline=None, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(drawings(), PEOPLE)
    def collect(blocks: list[dict[str, Any]], person: dict[str, Any]) -> None:
        examples.append((blocks, person))

    collect()
    for number, (blocks, person) in enumerate(examples):
        key = f"flow-{number}"
        event = f"Begun {number}"
        flow = await scenario.publish(key, start={"kind": "event", "event": event}, blocks=blocks)
        ann = await scenario.contact(f"ann{number}", **person)
        await scenario.event(ann, event, {"minutes": 30})
        await skipping.dispatch()
        [begun] = [j for j in await scenario.journeys() if j.workflow_id == flow]
        begins = await time_skipping_server.get_current_time()
        async with database.transaction() as connection:
            [row] = await scenario.rows("SELECT definition FROM workflows WHERE id = :f", f=flow)
            told = await simulate(
                connection,
                scenario.workspace_id,
                Simulation(
                    row.definition, ann, begins, event=event, params={"minutes": 30},
                    even_if_refused=True, workflow_id=flow, journey_id=begun.id,
                ),
            )  # fmt: skip
        await skipping.finish(begun.id)
        steps = await scenario.rows(
            "SELECT block, entered_at, left_at, outcome FROM journey_steps"
            " WHERE journey_id = :j ORDER BY visit", j=begun.id,
        )  # fmt: skip
        [ended] = [j for j in await scenario.journeys() if j.workflow_id == flow]
        context = (blocks, person)
        assert [(s.block, s.outcome) for s in told.path.steps] == [
            (s.block, s.outcome) for s in steps
        ], context
        assert told.path.end is not None
        assert (told.path.end.state, told.path.end.kind) == (ended.state, ended.reason_kind)
        for ours, theirs in zip(told.path.steps, steps, strict=True):
            assert abs(ours.entered_at - theirs.entered_at) < CLOSE, (context, ours)
            assert ours.left_at is not None
            assert abs(ours.left_at - theirs.left_at) < CLOSE, (context, ours)
