"""Two things at the same moment, many times over, with several dispatchers: what always holds.

Nothing that was acknowledged is decided twice or never, no two exclusive journeys of a contact run,
and no message leaves after a stop. Most races need no Temporal: it only carries out what was
decided. Those that do are in test_races_with_temporal.py.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from channels.errors import TransientFailure
from engine.advance import advance
from engine.advance.bookkeeping import AdvanceCall
from engine.advance.versions import Versions
from engine.errors import FactsPending as AdvanceLater
from engine.launches.paging import Taken, take_page
from engine.sending import deliver
from tests.support.launching import launch
from tests.support.racing import Race, identify, people, track, until_it_passes, utc_now
from tests.support.segments import Segments

ROUNDS = pytest.mark.parametrize("rounds", [10, pytest.param(200, marks=pytest.mark.slow)])
PREMIUM = {"field": "plan", "op": "=", "value": "premium"}
ASLEEP = {"id": "wait", "kind": "timer", "wait": {"for": "P1D"}}
HELLO = {"id": "hello", "kind": "message", "channel": "email", "template": "hello"}


@pytest.fixture
def race(scenario) -> Race:
    return Race(scenario)


@ROUNDS
async def test_a_start_and_a_stop_in_one_batch_or_in_two_at_once(race, scenario, rounds):
    await scenario.publish()
    last: dict[str, str | None] = {}

    async def live(user: str) -> None:
        calls = [track(user, "Begun"), track(user, "Done")]
        race.chance.shuffle(calls)
        if race.chance.random() < 0.6:
            last[user] = calls[-1]["event"]
            await race.a_moment()
            await race.send(*calls)
        else:
            last[user] = None
            await asyncio.gather(*(race.send(call) for call in calls))

    async with race.deciding():
        await race.everybody(people(rounds), live)
    assert await race.left_over() == []
    for user, outcome in (await race.outcomes()).items():
        # of two at once, the stop may be the later one and yet be decided on first
        allowed = [["started"]] if last[user] else [["started"], ["stop_lookback"]]
        assert outcome in allowed, user
    for user, [state] in (await race.states()).items():
        expected = {"Begun": ["running"], "Done": ["event"], None: ["running", "event"]}
        assert state in expected[last[user]], (user, last[user])


@ROUNDS
@pytest.mark.parametrize(
    ("start", "outcomes", "states"),
    [
        ({"overlap": "skip"}, ["overlap"] * 2 + ["started"], ["running"]),
        ({"overlap": "restart"}, ["started"] * 3, ["restarted"] * 2 + ["running"]),
        ({"overlap": "parallel"}, ["started"] * 3, ["running"] * 3),
        ({"reentry": {"mode": "once"}}, ["reentry"] * 2 + ["started"], ["running"]),
        (
            {"overlap": "parallel", "reentry": {"mode": "after", "after": "P1D"}},
            ["reentry"] * 2 + ["started"], ["running"],
        ),
    ],
    ids=["skip", "restart", "parallel", "once", "after"],
)  # fmt: skip
async def test_three_batches_at_once_for_somebody_nobody_knew(
    race, rounds, start, outcomes, states
):
    await race.scenario.publish(start={"kind": "event", "event": "Begun", **start})

    async def live(user: str) -> None:
        await asyncio.gather(*(race.send(track(user, "Begun")) for _ in range(3)))

    async with race.deciding():
        await race.everybody(people(rounds), live)
    assert await race.left_over() == []
    assert await race.outcomes() == dict.fromkeys(people(rounds), outcomes)
    assert await race.states() == dict.fromkeys(people(rounds), states)


@ROUNDS
async def test_a_member_never_runs_what_the_segment_stops(race, scenario, rounds):
    """Whoever comes in as they start is stopped, or refused; whoever goes runs, or was refused."""
    await Segments(scenario).make("premium", PREMIUM)
    await scenario.publish(stop=[{"kind": "segment", "segment": "premium"}])
    goes: dict[str, bool] = {}

    async def live(user: str) -> None:
        goes[user] = race.chance.random() < 0.4
        await race.send(identify(user, plan="premium" if goes[user] else "free"))
        change = identify(user, plan="free" if goes[user] else "premium")
        await asyncio.gather(race.send(change), race.send(track(user, "Begun")))

    async with race.deciding():
        await race.everybody(people(rounds), live)
    assert await race.left_over() == []
    outcomes, states = await race.outcomes(), await race.states()
    assert outcomes.keys() == goes.keys()
    for user, has_gone in goes.items():
        match outcomes[user]:
            case ["started"]:
                assert states[user] == (["running"] if has_gone else ["segment"]), user
            case other:
                assert other == ["stop_segment"], user
    assert await Segments(scenario).members("premium") == {
        u for u, gone in goes.items() if not gone
    }


@ROUNDS
async def test_a_launch_and_an_event_at_once_start_one_journey(race, scenario, rounds):
    segments = Segments(scenario)
    await segments.make("premium", PREMIUM)
    await scenario.publish()
    everybody = people(rounds)
    await segments.send(*(identify(user, plan="premium") for user in everybody))
    launched = await launch(scenario, segment="premium")

    async def live(user: str) -> None:
        await race.a_moment()
        await race.send(track(user, "Begun"))

    async def pages() -> None:
        now: datetime | None = utc_now()
        while now is not None:

            async def take(now: datetime = now) -> Taken:
                async with scenario.database.transaction() as connection:
                    return await take_page(connection, launched, now=now, rate=5.0)

            now = (await until_it_passes(take)).until
            await race.a_moment()

    async with race.deciding():
        await asyncio.gather(race.everybody(everybody, live), pages())
    assert await race.left_over() == []
    assert await race.outcomes() == {user: ["overlap", "started"] for user in everybody}
    assert await race.states() == {user: ["running"] for user in everybody}


@ROUNDS
async def test_an_update_block_and_ingestion_change_the_same_field_one_after_the_other(
    race, scenario, rounds
):
    """No change is lost: what each found is what the one before it left."""
    count = {"id": "count", "kind": "update", "set": {"visits": {"+": 1}}}
    await scenario.publish(blocks=[count])
    await scenario.publish(
        "log",
        start={"kind": "field_change", "field": "visits", "overlap": "parallel"},
        stop=[],
        blocks=[ASLEEP],
    )
    versions = Versions()

    async def walk(user: str) -> None:
        [journey] = await scenario.rows(
            "SELECT j.id FROM journeys j JOIN contacts c ON c.id = j.contact_id "
            "WHERE j.workspace_id = :w AND c.user_id = :user",
            user=user,
        )

        async def step() -> str:
            async with scenario.database.transaction() as connection:
                try:
                    return (
                        await advance(connection, AdvanceCall(journey.id, 0, utc_now()), versions)
                    ).kind
                except AdvanceLater:
                    return "later"

        while await until_it_passes(step) == "later":
            await race.a_moment()

    async def live(user: str) -> None:
        await race.send(track(user, "Begun"))
        await race.decided(user)
        await asyncio.gather(
            walk(user),
            *(race.send(identify(user, visits=100 * n)) for n in range(1, 4)),
        )

    async with race.deciding():
        await race.everybody(people(rounds), live)
    assert await race.left_over() == []
    changes: dict[str, list[tuple[object, object]]] = {}
    for row in await scenario.rows(
        "SELECT c.user_id, c.fields ->> 'visits' AS last, j.params ->> 'from' AS before, "
        "j.params ->> 'to' AS after FROM journeys j JOIN contacts c ON c.id = j.contact_id "
        "JOIN workflows w ON w.id = j.workflow_id WHERE j.workspace_id = :w AND w.key = 'log'"
    ):
        changes.setdefault(row.user_id, [(row.last, "end")]).append((row.before, row.after))
    assert changes.keys() == set(people(rounds))
    for user, (end, *steps) in changes.items():
        chain, value = 0, None
        while (following := [after for before, after in steps if before == value]) != []:
            [value] = following
            chain += 1
        assert (chain, value) == (4, end[0]), (user, steps)


@ROUNDS
@pytest.mark.parametrize("failing", [False, True], ids=["at-once", "tried-again"])
async def test_nothing_is_sent_once_a_stop_was_acknowledged(
    race, scenario, outbox, rounds, failing
):
    """The walk of a journey without Temporal: not even its signals are needed."""
    await scenario.template()
    days = [
        {**ASLEEP, "id": "one", "next": "hello"},
        {**HELLO, "next": "two"},
        {**ASLEEP, "id": "two", "next": "again"},
        {**HELLO, "id": "again"},
    ]
    await scenario.publish(blocks=days)
    versions = Versions()
    if failing:
        outbox.answer = lambda: race.chance.choice(["451 later", "451 later", "250 kept"])
    acknowledged: set[str] = set()
    too_late: list[str] = []

    async def send(user: str, message: str) -> str:
        while True:
            after_the_stop = user in acknowledged
            try:
                outcome = await deliver(
                    scenario.database, outbox.channels, UUID(message), now=utc_now()
                )
            except TransientFailure:
                await race.a_moment()
                continue
            if after_the_stop and outcome == "sent":
                too_late.append(user)
            return outcome

    async def walk(user: str) -> None:
        [journey] = await scenario.rows(
            "SELECT j.id FROM journeys j JOIN contacts c ON c.id = j.contact_id "
            "WHERE j.workspace_id = :w AND c.user_id = :user",
            user=user,
        )
        now, step, outcome = utc_now(), 0, None
        while True:
            await race.a_moment(0.01)

            async def ask(step: int = step, now: datetime = now, told: str | None = outcome) -> Any:
                async with scenario.database.transaction() as connection:
                    try:
                        return await advance(
                            connection, AdvanceCall(journey.id, step, now, told), versions
                        )
                    except AdvanceLater:
                        return None

            directive = await until_it_passes(ask)
            if directive is None:
                continue
            step, outcome = step + 1, None
            if directive.kind == "finish":
                return
            if directive.kind == "wait":
                now = max(now, directive.until)
            else:
                outcome = await send(user, directive.message_id)

    async def stop(user: str) -> None:
        await race.a_moment(0.12)
        await race.send(track(user, "Done"))
        acknowledged.add(user)

    async def live(user: str) -> None:
        await race.send(identify(user, email=f"{user}@example.com"), track(user, "Begun"))
        await race.decided(user)
        await asyncio.gather(walk(user), stop(user))

    async with race.deciding():
        await race.everybody(people(rounds), live)
    assert too_late == []
    assert await race.left_over() == []
    assert set().union(*(await race.states()).values()) <= {"event", "completed"}
    states = await scenario.rows(
        "SELECT state, count(*) AS n FROM messages WHERE workspace_id = :w GROUP BY 1"
    )
    counted = {row.state: row.n for row in states}
    assert counted.keys() <= {"sent", "skipped"}, "none is left queued"
    assert len(outbox.messages) == counted.get("sent", 0)
