"""What the triggers count is what a look at the rows themselves finds, whoever wrote them."""

from __future__ import annotations

from typing import Any

from storage.repositories.activity import Window, counts, fold

ROWS = """
    SELECT block, measure, count(*) FROM (
        SELECT '' AS block, 'started' AS measure FROM journeys WHERE workspace_id = :w
        UNION ALL SELECT '', state FROM journeys WHERE workspace_id = :w AND state <> 'running'
        UNION ALL SELECT block, 'entered' FROM journey_steps WHERE workspace_id = :w
        UNION ALL SELECT block, 'left' FROM journey_steps
            WHERE workspace_id = :w AND left_at IS NOT NULL
        UNION ALL SELECT block, 'sent' FROM messages
            WHERE workspace_id = :w AND sent_at IS NOT NULL
        UNION ALL SELECT block, state FROM messages
            WHERE workspace_id = :w AND state IN ('failed', 'skipped')
    ) r GROUP BY 1, 2
"""
HELLO = {"id": "hello", "kind": "message", "channel": "email", "template": "hello"}


async def test_real_journeys_are_counted_as_they_go(scenario, engine, database):
    await scenario.template()
    flow = await scenario.publish(
        blocks=[
            {**HELLO, "next": "if"},
            {"id": "if", "kind": "condition", "if": {"field": "plan", "op": "exists"},
             "then": "wait"},
            {"id": "wait", "kind": "timer", "wait": {"for": "P1D"}},
        ]
    )  # fmt: skip
    people = [
        await scenario.contact("then", fields={"plan": "pro"}),
        await scenario.contact("else"),
        await scenario.contact("stopped", fields={"plan": "pro"}),
        await scenario.contact("unreachable", email=None),
    ]
    for person in people:
        await scenario.event(person, "Begun")
    await engine.dispatch()
    await scenario.until_ended(2)
    await scenario.event(people[2], "Done")
    await engine.dispatch()
    await scenario.until_ended(3)

    async def agreed() -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        async with database.transaction() as connection:
            for one in await counts(connection, flow, Window()):
                key = (one.block, one.measure)
                found[key] = found.get(key, 0) + one.count
        rows: list[Any] = await scenario.rows(ROWS)
        assert found == {(block, measure): count for block, measure, count in rows}
        return found

    found = await agreed()
    assert found["hello", "sent"] == 3
    assert found["hello", "skipped"] == 1
    async with database.transaction() as connection:
        await fold(connection)
    assert await agreed() == found
