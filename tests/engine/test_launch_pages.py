"""The pages of a launch: none doubled, none lost, each when it is due. Time is an argument."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from engine.launches import paging
from engine.launches.paging import take_page
from tests.support.launching import (
    BY_HAND,
    OUT,
    launch,
    page,
    people,
    queued,
    row,
    static_list,
)


async def test_a_page_that_dies_before_its_commit_is_taken_again_and_none_is_doubled(scenario):
    members = await people(scenario, 30)
    await static_list(scenario, members)
    await scenario.publish(start=BY_HAND)
    id_ = await launch(scenario)
    now = datetime.now(UTC)
    until: datetime | None = now
    while until is not None:
        async with scenario.database.engine.connect() as c:
            await take_page(c, id_, now=now, rate=7.0)
            await c.rollback()
        until = (await page(scenario, id_, now, rate=7.0)).until
        now += timedelta(seconds=2)
    assert await queued(scenario) == members
    found = await row(scenario, id_)
    assert (found.state, found.taken) == ("completed", 30)


class Dying:
    """A connection that is lost at its n-th statement."""

    def __init__(self, connection: AsyncConnection, statements: int) -> None:
        self._connection = connection
        self._left = statements

    async def execute(self, *args: Any) -> Any:
        if not self._left:
            raise ConnectionResetError
        self._left -= 1
        return await self._connection.execute(*args)


async def test_a_page_that_dies_at_any_of_its_statements_changes_nothing(scenario):
    members = await people(scenario, 9)
    await static_list(scenario, members)
    await scenario.publish(start=BY_HAND)
    id_ = await launch(scenario)
    now = datetime.now(UTC)
    deaths, until = 0, None
    for taken in range(3):
        statements = 0
        while True:
            async with scenario.database.engine.connect() as c:
                dying: Any = Dying(c, statements)
                try:
                    until = (await take_page(dying, id_, now=now, rate=4.0)).until
                except ConnectionResetError:
                    await c.rollback()
                    assert await queued(scenario) == members[: 4 * taken]
                    statements += 1
                    deaths += 1
                    continue
                await c.commit()
            break
        now += timedelta(seconds=1)
    assert deaths >= 15
    assert until is None
    assert await queued(scenario) == members


async def test_a_page_whose_answer_was_lost_is_not_taken_twice(scenario):
    """The activity commits and its worker dies: Temporal calls it again."""
    members = await people(scenario, 20)
    await static_list(scenario, members)
    await scenario.publish(start=BY_HAND)
    id_ = await launch(scenario)
    now = datetime.now(UTC)
    first = await page(scenario, id_, now, rate=5)
    again = await page(scenario, id_, now, rate=5)
    assert (first.members, again.members) == (5, 0)
    assert again.until == first.until == now + timedelta(seconds=1)
    assert await queued(scenario) == members[:5]


async def test_two_executions_of_one_launch_share_its_pages(scenario):
    members = await people(scenario, 40)
    await static_list(scenario, members)
    await scenario.publish(start=BY_HAND)
    id_ = await launch(scenario)
    now = datetime.now(UTC)
    for _ in range(12):
        await asyncio.gather(*(page(scenario, id_, now, rate=5) for _ in range(3)))
        now += timedelta(seconds=1)
    assert await queued(scenario) == members


async def test_the_rate_holds_whatever_the_size(scenario):
    await static_list(scenario, await people(scenario, 50))
    await scenario.publish(start=BY_HAND)
    id_ = await launch(scenario, rate=4)
    begin = now = datetime.now(UTC)
    while (taken := await page(scenario, id_, now)).until is not None:
        assert taken.members <= 4
        assert taken.until - now == timedelta(seconds=taken.members / 4)
        now = taken.until
    assert now - begin == timedelta(seconds=12)


async def test_the_setting_is_the_rate_of_a_launch_that_names_none(scenario):
    await static_list(scenario, await people(scenario, 10))
    await scenario.publish(start=BY_HAND)
    id_ = await launch(scenario)
    assert (await page(scenario, id_, datetime.now(UTC), rate=3)).members == 3


async def test_a_spread_distributes_the_starts_evenly_over_its_window(scenario):
    await static_list(scenario, await people(scenario, 6))
    await scenario.publish(start={**BY_HAND, "spread": "PT1H"})
    id_ = await launch(scenario)
    begin = now = datetime.now(UTC)
    moments = []
    while True:
        taken = await page(scenario, id_, now)
        moments += [(now - begin).total_seconds()] * taken.members
        if taken.until is None:
            break
        now = taken.until
    assert moments == [0, 600, 1200, 1800, 2400, 3000]


async def test_a_call_may_ask_for_another_spread(scenario):
    await static_list(scenario, await people(scenario, 2))
    await scenario.publish(start={**BY_HAND, "spread": "PT1H"})
    id_ = await launch(scenario, spread="P1D")
    assert (await row(scenario, id_)).spread_seconds == 86400


async def test_a_window_too_short_for_the_rate_is_overrun(scenario):
    await static_list(scenario, await people(scenario, 100))
    await scenario.publish(start=BY_HAND)
    id_ = await launch(scenario, rate=10, spread="PT1S")
    taken = await page(scenario, id_, datetime.now(UTC))
    assert taken.members == 10


async def test_who_enters_later_is_not_taken_and_who_leaves_later_is(scenario):
    first, second, later = await people(scenario, 3)
    list_id = await static_list(scenario, [first, second])
    await scenario.publish(start=BY_HAND)
    id_ = await launch(scenario, rate=1)
    now = datetime.now(UTC)
    await page(scenario, id_, now)
    moment = now + timedelta(milliseconds=100)
    await scenario.rows(
        "DELETE FROM segment_members WHERE segment_id = :s AND contact_id = :c RETURNING 1",
        s=list_id, c=second,
    )  # fmt: skip
    await scenario.rows(
        "INSERT INTO segment_stays (workspace_id, segment_id, contact_id, entered_at, left_at) "
        "VALUES (:w, :s, :c, :before, :after) RETURNING id",
        s=list_id, c=second, before=now - timedelta(days=1), after=moment,
    )  # fmt: skip
    await scenario.rows(
        "INSERT INTO segment_members (workspace_id, segment_id, contact_id, entered_at) "
        "VALUES (:w, :s, :c, :at) RETURNING contact_id",
        s=list_id, c=later, at=moment,
    )  # fmt: skip
    for seconds in range(1, 5):
        await page(scenario, id_, now + timedelta(seconds=seconds))
    assert await queued(scenario) == [first, second]


async def test_who_is_erased_meanwhile_is_left_out(scenario, engine):
    members = await people(scenario, 4)
    await static_list(scenario, members)
    await scenario.publish(start=BY_HAND, blocks=OUT)
    id_ = await launch(scenario, rate=1)
    now = datetime.now(UTC)
    await page(scenario, id_, now)
    await scenario.rows("DELETE FROM contacts WHERE id = :c RETURNING id", c=members[1])
    while (taken := await page(scenario, id_, now)).until is not None:
        now = taken.until
    assert await queued(scenario) == [members[0], *members[2:]]


async def test_a_deleted_segment_fails_its_launch(scenario):
    list_id = await static_list(scenario, await people(scenario, 2))
    await scenario.publish(start=BY_HAND)
    id_ = await launch(scenario, rate=1)
    await page(scenario, id_, datetime.now(UTC))
    await scenario.rows("DELETE FROM segments WHERE id = :s RETURNING id", s=list_id)
    await page(scenario, id_, datetime.now(UTC) + timedelta(seconds=5))
    found = await row(scenario, id_)
    assert (found.state, found.reason) == ("failed", "the segment was deleted")


async def test_a_launch_waits_for_a_segment_that_is_being_backfilled(scenario):
    list_id = await static_list(scenario, await people(scenario, 2))
    await scenario.publish(start=BY_HAND)
    id_ = await launch(scenario)
    await scenario.rows(
        "UPDATE segments SET state = 'backfilling' WHERE id = :s RETURNING id", s=list_id
    )
    now = datetime.now(UTC)
    assert (await page(scenario, id_, now)).members == 0
    await scenario.rows("UPDATE segments SET state = 'live' WHERE id = :s RETURNING id", s=list_id)
    assert (await page(scenario, id_, now)).members == 2


async def test_what_was_acknowledged_before_the_launch_is_decided_on_first(scenario):
    """Membership follows facts; a launch right after an import must not take the old members."""
    [ann] = await people(scenario, 1)
    await static_list(scenario, [ann])
    await scenario.publish(start=BY_HAND)
    await scenario.event(ann, "Done")
    id_ = await launch(scenario)
    now = datetime.now(UTC)
    waiting = await page(scenario, id_, now)
    assert (waiting.members, waiting.until) == (0, now + paging.CATCH_UP)
    await scenario.rows("DELETE FROM facts WHERE workspace_id = :w RETURNING seq")
    await scenario.event(ann, "Done")
    assert (await page(scenario, id_, now)).members == 1, "what comes later is not waited for"
