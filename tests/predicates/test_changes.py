"""Until the instant that is announced, time alone changes no answer, whatever the predicate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.snapshot import EventData
from storage.database import Database
from tests.predicates import strategies
from tests.predicates.people import (
    NOW,
    Person,
    contact,
    gather,
    order,
    predicate,
    stored_workspace,
)
from tests.predicates.test_agreement import EXAMPLES, QUICKLY
from tests.predicates.watching import DAY, TICK, Watch

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

near = st.one_of(
    st.sampled_from([NOW - timedelta(days=days) for days in (-3, 0, 3, 28, 30, 31, 59, 365)]),
    st.integers(-3 * 10**12, 6 * 10**12).map(lambda us: NOW - timedelta(microseconds=us)),
)
spelled = near.map(datetime.isoformat)
durations = st.sampled_from(
    ["-P3D", "P3D", "P1M", "-P1M", "-P1M1D", "PT0S", "-PT1.5S", "-P1Y2M3W4DT5H6M7.8S", "-P1Y"]
)
ORDERINGS = [">", ">=", "<", "<=", "before", "after"]
moving_checks = st.one_of(
    st.fixed_dictionaries(
        {"op": st.sampled_from([*ORDERINGS, "=", "!="]),
         "value": st.one_of(durations, st.just({"param": "since"}))}
    ),
    st.fixed_dictionaries(
        {"op": st.sampled_from(["in", "not_in"]),
         "value": st.one_of(
             st.lists(durations, max_size=2), st.just({"param": "since"})
         )}
    ),
)  # fmt: skip


def named(key: str, names: Sequence[str]) -> st.SearchStrategy[dict[str, Any]]:
    """A comparison of one of the names with a moment that moves."""
    return st.tuples(moving_checks, st.sampled_from(names)).map(
        lambda found: {key: found[1], **found[0]}
    )


def where(names: Sequence[str]) -> st.SearchStrategy[list[Any]]:
    return st.one_of(st.just([]), st.lists(named("param", names), max_size=1))


windows = st.sampled_from(["P3D", "P1M", "-P1M1D", "PT1H", "PT0S", "P1Y", None])
event_leaves = st.fixed_dictionaries(
    {"event": st.sampled_from(["Workout", "Rest"]), "within": windows},
    optional={"where": where(["day", "days.at"]), "times": strategies.counts},
)
order_leaves = st.fixed_dictionaries(
    {
        "order": st.fixed_dictionaries(
            {"within": windows},
            optional={
                "status": st.lists(st.sampled_from(["delivered", "cancelled"]), max_size=2),
                "where": where(["created_at", "items.at", "currency"]),
                "times": strategies.counts,
                "total": strategies.counts,
            },
        )
    }
)
timed_leaves = st.one_of(
    named("field", ["created_at", "last_seen_at", "locale", "day", "days.at", "days"]),
    named("param", ["day", "days.at"]),
    event_leaves,
    order_leaves,
    strategies.now_leaves,
)
all_leaves = st.one_of(
    timed_leaves, timed_leaves, timed_leaves, strategies.segment_leaves, strategies.leaves
)
dates = st.fixed_dictionaries(
    {},
    optional={
        "day": spelled,
        "days": st.lists(st.fixed_dictionaries({"at": spelled}), max_size=3),
        "since": st.one_of(durations, st.lists(durations, max_size=2), spelled),
    },
)
people = st.builds(
    Person,
    contact=st.builds(
        contact,
        timezone=st.sampled_from(strategies.ZONES),
        locale=spelled,
        last_seen_at=st.one_of(st.none(), near),
        fields=dates,
    ),
    events=st.lists(
        st.builds(EventData, st.sampled_from(["Workout", "Workout", "Rest"]), near, dates),
        max_size=4,
    ),
    orders=st.lists(
        st.builds(
            lambda moment, status, total, items: order(
                status,
                order_id=uuid4().hex,
                timestamp=moment,
                created_at=moment - DAY,
                total=total,
                items=items,
                currency=moment.isoformat(),
            ),
            near,
            st.sampled_from(["delivered", "cancelled"]),
            st.sampled_from([None, Decimal("0.5"), Decimal(1), Decimal(2)]),
            st.lists(st.fixed_dictionaries({"at": spelled}), max_size=2),
        ),
        max_size=4,
    ),
    params=dates,
    lists=st.frozensets(st.sampled_from(strategies.LISTS)),
)
starts = st.sampled_from(
    [
        NOW,
        NOW + TICK,
        datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 3, 28, 13, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 40, 0, 1, tzinfo=UTC),
        datetime(2026, 4, 1, tzinfo=UTC),
        datetime(2028, 2, 29, 10, tzinfo=UTC),
    ]
)


@settings(QUICKLY, max_examples=EXAMPLES)
@given(
    person=people,
    predicates=st.lists(strategies.trees(all_leaves), min_size=4, max_size=4),
    inner=st.fixed_dictionaries(
        {
            "plain": strategies.trees(timed_leaves),
            "parameterised": strategies.trees(named("field", ["created_at", "day"])),
            "outer": strategies.trees(named("param", ["day"])),
        }
    ),
    zone=st.sampled_from(["UTC", "Europe/Kyiv", "America/New_York"]),
    start=starts,
)
async def test_until_the_next_change_the_answer_stays(  # noqa: PLR0917
    database: Database, person, predicates, inner, zone, start
):
    async with database.engine.connect() as connection:  # never committed
        crowd = await gather(
            connection, await stored_workspace(connection), [person], segments=inner, zone=zone,
            lists=strategies.LISTS,
        )  # fmt: skip
        for one in predicates:
            await Watch(crowd, one).walk(crowd.ids[0], start)


@settings(QUICKLY, max_examples=EXAMPLES)
@given(
    person=people,
    leaves=st.lists(event_leaves, min_size=4, max_size=4),
    inner=st.fixed_dictionaries({"plain": event_leaves}),
    start=starts,
)
async def test_one_look_at_an_event_leaf_says_the_same(
    database: Database, person, leaves, inner, start
):
    """`Watch` holds `judge` to what the leaf says when it is asked apart."""
    by_name = [{"segment": "plain"}, {"not": {"segment": "plain"}}, {"not": leaves[0]}]
    async with database.engine.connect() as connection:  # never committed
        crowd = await gather(
            connection,
            await stored_workspace(connection),
            [person],
            segments={key: predicate(data) for key, data in inner.items()},
            lists=strategies.LISTS,
        )
        for data in [*leaves, *by_name]:
            await Watch(crowd, predicate(data)).walk(crowd.ids[0], start)
