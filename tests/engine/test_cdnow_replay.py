"""A year and a half of real purchases, replayed: who is in which segment, and since when, is right.

The purchases arrive as orders on their days; the clock of the segments strikes at each moment that
it asked for. All memberships are held against a direct computation over the file.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import pytest

from cli.cdnow import Purchase, read
from cli.demo import SAMPLE
from tests.support.ingesting import upsert_orders
from tests.support.segments import Segments

DATES = 10
"""On how many days all members are compared."""
AFTER = timedelta(microseconds=1)
"""A window includes its first moment: it is over a moment later."""
SEGMENTS = {
    "silent": {"order": {"within": "P90D", "times": {"op": "=", "value": 0}}},
    "frequent": {"order": {"within": "P180D", "times": {"op": ">=", "value": 3}}},
    "spent": {"order": {"total": {"op": ">=", "value": 200}}},
}

Stay = tuple[str, datetime, datetime | None]
"""Whose, from when, until when."""


def _silent(past: Sequence[Purchase], now: datetime) -> bool:
    return bool(past) and past[-1].at < now - timedelta(days=90)


def _frequent(past: Sequence[Purchase], now: datetime) -> bool:
    return sum(one.at >= now - timedelta(days=180) for one in past) >= 3


def _spent(past: Sequence[Purchase], now: datetime) -> bool:
    return sum(Decimal(str(one.dollars)) for one in past) >= 200


DIRECTLY: dict[str, Callable[[Sequence[Purchase], datetime], bool]] = {
    "silent": _silent, "frequent": _frequent, "spent": _spent,
}  # fmt: skip


def stays_of(history: Sequence[Purchase], key: str, end: datetime) -> list[Stay]:
    """One customer's memberships: looked at after every purchase, and when a window is over."""
    windows = [timedelta(days=90) + AFTER, timedelta(days=180) + AFTER]
    moments = {one.at + later for one in history for later in (timedelta(), *windows)}
    stays: list[Stay] = []
    since: datetime | None = None
    for moment in sorted(moment for moment in moments if moment <= end):
        past = [one for one in history if one.at <= moment]
        inside = DIRECTLY[key](past, moment)
        if inside and since is None:
            since = moment
        elif not inside and since is not None:
            stays.append((history[0].user_id, since, moment))
            since = None
    return stays if since is None else [*stays, (history[0].user_id, since, None)]


def purchases(file: Path, of: Callable[[str], bool]) -> list[Purchase]:
    """Those of some customers, by their dates."""
    lines = file.read_text().splitlines()
    found = [one for one in read(lines) if isinstance(one, Purchase) and of(one.customer)]
    return sorted(found, key=lambda one: (one.at, one.customer, one.nth))


async def replay(segments: Segments, history: Sequence[Purchase]) -> None:
    """Live through the file, and compare on the way and at the end."""
    workspace = segments.scenario.workspace_id
    by_customer: dict[str, list[Purchase]] = defaultdict(list)
    for one in history:
        by_customer[one.user_id].append(one)
    begin, end = history[0].at, history[-1].at
    for key, where in SEGMENTS.items():
        await segments.make(key, where, now=begin)
    due: datetime | None = None
    checks = [begin + (end - begin) * n / DATES for n in range(1, DATES + 1)]

    async def pass_to(moment: datetime) -> None:
        nonlocal due
        while due is not None and due <= moment:
            due = await segments.pass_time(due)

    async def compare(moment: datetime) -> None:
        await pass_to(moment)
        for key, holds in DIRECTLY.items():
            directly = {
                user
                for user, all_of in by_customer.items()
                if holds(all_of[: bisect_left(all_of, moment, key=lambda one: one.at)], moment)
            }
            assert await segments.members(key) == directly, f"{key} on {moment}"

    for at, group in groupby(history, key=lambda one: one.at):
        while checks and checks[0] <= at:
            await compare(checks.pop(0))
        await pass_to(at)
        await upsert_orders(
            segments.scenario.database, workspace, *(one.order() for one in group), now=at
        )
        due = await segments.pass_time(at)
    for key in SEGMENTS:
        directly = [stay for all_of in by_customer.values() for stay in stays_of(all_of, key, end)]
        rows = await segments.scenario.rows(
            "SELECT c.user_id, m.entered_at FROM segment_members m "
            "JOIN segments s ON s.id = m.segment_id JOIN contacts c ON c.id = m.contact_id "
            "WHERE s.workspace_id = :w AND s.key = :key",
            key=key,
        )
        present = [(row.user_id, row.entered_at, None) for row in rows]
        by_time = lambda stay: (stay[0], stay[1])  # noqa: E731
        assert sorted(await segments.stays(key) + present, key=by_time) == sorted(
            directly, key=by_time
        ), f"when anybody came into {key}, and left"
        assert directly, "a replay in which nobody is ever in a segment shows nothing"


async def test_memberships_follow_the_purchases_of_a_few_customers(scenario):
    few = purchases(SAMPLE / "cdnow_sample.txt", lambda customer: customer.endswith("011"))
    await replay(Segments(scenario), few)


@pytest.mark.slow
async def test_memberships_follow_the_purchases_of_a_fifth_of_the_sample(scenario):
    fifth = purchases(SAMPLE / "cdnow_sample.txt", lambda customer: customer[-2] in "37")
    await replay(Segments(scenario), fifth)


@pytest.mark.slow
@pytest.mark.skipif("SOJOURN_CDNOW" not in os.environ, reason="SOJOURN_CDNOW names no file")
async def test_memberships_follow_the_whole_file(scenario):
    await replay(Segments(scenario), purchases(Path(os.environ["SOJOURN_CDNOW"]), lambda _: True))
