"""Random people and predicates whose names and values are nasty and often meet each other."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from journeys.predicates import Predicate
from journeys.snapshot import ContactData, EventData, MessageData, OrderData
from tests.predicates.people import NOW, Person, predicate

FIELD_NAMES = [
    "plan", "age", "a", "a.b", "a.b.c", "a..b", ".", "select", "NULL", 'q"uo\'te', "naïve ключ 🎉",
    "<long>", "%s", ":name", "$1", "{}", "\\", "email.x",
]  # fmt: skip
BUILT_IN = ["userId", "user_id", "email", "phone", "timezone", "locale"]
INSTANT_FIELDS = ["created_at", "updated_at", "last_seen_at"]
ORDER_NAMES = [
    "orderId", "order_id", "status", "currency", "total", "items", "items.sku", "items.tags.n",
    "timestamp", "created_at", "items.a.b", "status.x", "other",
]  # fmt: skip
EVENTS = ["Workout", 'It\'s "done"', "🎉"]
STATUSES = ["initialized", "in_progress", "delivered", "cancelled", "abandoned"]
STATES = ["sent", "delivered", "opened", "clicked", "failed"]
LINKS = ["https://a.example/?q=1", "x"]
BLOCKS = ["hello", "bye"]
LISTS = ["vip", "pool"]
SEGMENTS = ["plain", "parameterised", "outer"]
ZONES = [
    None, "", "Europe/Kyiv", "America/New_York", "Nowhere/Atall", "EST", "CET", "UTC",
    "europe/kyiv", "cet", "Etc/GMT+12", "Etc/GMT+99", "Pacific/Kiritimati", "a'; --", "Foo/Bar+3",
    "Asia/Kathmandu",
]  # fmt: skip


def one_of_names(names: list[str]) -> st.SearchStrategy[str]:
    """One of the names; `<long>` stands for one of 10 KB, which reports are better without."""
    return st.sampled_from(names).map(lambda name: "x" * 10_240 if name == "<long>" else name)


NUMBERS = [
    0, 1, -1, 20, 20.0, 20.5, 0.1, 1e3, 1e-7, 1e308, 2**53 + 1, 2**63 - 1, 9007199254740992.0,
    0.30000000000000004, -0.0,
]  # fmt: skip
TEXTS = [
    "", "20", "20.0", "020", "2e1", "+20", " 20", "1e999", "1e9999", "-0", "0.1", "1000", "٣",
    "true", "True", "TRUE", "tRUE", "false", "abc", "abcd", "b", "Ä", "ä", "z", "🎉", "\uffee",
    "%", "_", "\\", "null", "9" * 101, "-", ".", "e", "e1", "1.", ".1", "20\n",
]  # fmt: skip
DATES = [
    "2026-03-31", "2026-03-31T10:00", "2026-03-31T10:00:00Z", "2026-03-31 12:00:00.000+02:00",
    "2026-03-31T10:00:00.1234567Z", "2026-03-31T10:00:00.123456Z", "2026-02-30", "2026-02-28",
    "0000-01-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "2026-3-1", "2026-03-28",
    "2026-03-28T10:00:00Z", "2026-13-01", "2026-03-31T24:00", "2026-03-31T10:00:60", "1900-01-01",
    "2026-03-31t10:00z", "2026-03-31T10", "2026-03-31T10:00+05", "2026-03-31\n", "20260331",
]  # fmt: skip
DURATIONS = [
    "-P3D", "P3D", "P1M", "-P1M", "-P1M1D", "PT0S", "P", "PT", "-PT1.5S", "-P1Y2M3W4DT5H6M7.8S",
    "P9999Y", "-P9999Y", "P3999Y", "-P2025Y", "-P999999999D", "PT999999999M", "P1DT", "+P1D", "p1d",
    "P1.5D", "-P4000Y", "P1DT1S\n", "Premium",
]  # fmt: skip

clean_text = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8
)
texts = st.one_of(
    st.sampled_from(TEXTS), st.sampled_from(DATES), st.sampled_from(DURATIONS), clean_text
)
numbers = st.one_of(
    st.sampled_from(NUMBERS),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
)
scalars = st.one_of(st.booleans(), numbers, texts)
values = st.recursive(
    st.one_of(st.none(), scalars),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["a", "b", "c", "b.c", "", "sku", "tags", "n", "."]), inner, max_size=3
        ),
    ),
    max_leaves=5,
)
moments = st.one_of(
    st.sampled_from(
        [NOW, NOW - timedelta(days=3), NOW - timedelta(days=31), NOW.replace(day=1, hour=0)]
    ),
    st.integers(-(10**13), 10**13).map(lambda us: NOW + timedelta(microseconds=us)),
)
properties = st.dictionaries(one_of_names(FIELD_NAMES), values, max_size=6)

param_refs = one_of_names(FIELD_NAMES).map(lambda name: {"param": name})
BINARY_OPS = ["=", "!=", ">", ">=", "<", "<=", "contains", "starts_with", "ends_with"]


def comparisons(**names: Any) -> st.SearchStrategy[dict[str, Any]]:
    """A comparison with the keys of `names` beside its op and value."""
    named = {key: one_of_names(value) for key, value in names.items()}
    right = st.one_of(scalars, param_refs)
    return st.one_of(
        st.fixed_dictionaries({**named, "op": st.sampled_from(BINARY_OPS), "value": right}),
        st.fixed_dictionaries(
            {
                **named,
                "op": st.sampled_from(["in", "not_in"]),
                "value": st.one_of(st.lists(scalars, max_size=4), param_refs),
            }
        ),
        st.fixed_dictionaries(
            {
                **named,
                "op": st.sampled_from(["before", "after"]),
                "value": st.one_of(texts, st.sampled_from(DATES + DURATIONS), param_refs),
            }
        ),
        st.fixed_dictionaries({**named, "op": st.sampled_from(["exists", "missing"])}),
    )


def _related(left: Any) -> st.SearchStrategy[Any]:
    """Right sides that have a chance of being equal to, or part of, the left one."""
    related = [left] if isinstance(left, str | bool | int | float) else []
    if isinstance(left, str):
        related += [left[:2], left[-2:], left + "x"]
    elif isinstance(left, list):
        related += [item for item in left if isinstance(item, str | bool | int | float)]
    elif left is not None and not isinstance(left, dict):
        related += [str(left), float(left)]
    return st.one_of(scalars, st.sampled_from(related)) if related else scalars


def _meeting(left: Any) -> st.SearchStrategy[tuple[Any, str, Any]]:
    right = _related(left)
    return st.one_of(
        st.tuples(st.just(left), st.sampled_from(BINARY_OPS), right),
        st.tuples(st.just(left), st.sampled_from(["in", "not_in"]), st.lists(right, max_size=3)),
        st.tuples(st.just(left), st.sampled_from(["before", "after"]), texts),
        st.tuples(
            st.sampled_from(DATES),
            st.sampled_from(["before", "after", ">", ">=", "<", "<="]),
            st.sampled_from(DATES + DURATIONS),
        ),
    )


meetings = values.flatmap(_meeting)
"""A left side, an op, and a right side that fits both."""

counts = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["=", "!=", ">", ">=", "<", "<="]),
        "value": st.sampled_from([0, 1, 2, 3, -1, 0.5, 1.5, 1e300, 2**40]),
    }
)
within = st.sampled_from([None, "journey", "P3D", "-P3D", "P1M", "PT1H", "P100Y", "PT0S"])
event_leaves = st.fixed_dictionaries(
    {"event": st.sampled_from(EVENTS), "within": within},
    optional={"where": st.lists(comparisons(param=FIELD_NAMES), max_size=2), "times": counts},
)
order_leaves = st.fixed_dictionaries(
    {
        "order": st.fixed_dictionaries(
            {"within": within},
            optional={
                "status": st.lists(st.sampled_from(STATUSES), max_size=3),
                "where": st.lists(comparisons(param=ORDER_NAMES), max_size=2),
                "times": counts,
                "total": counts,
            },
        )
    }
)
message_leaves = st.fixed_dictionaries(
    {
        "message": st.fixed_dictionaries(
            {
                "block": st.sampled_from([*BLOCKS, "last", "all"]),
                "state": st.sampled_from(STATES),
            },
            optional={"link": st.sampled_from(LINKS)},
        )
    }
)
now_leaves = st.fixed_dictionaries(
    {
        "now": st.fixed_dictionaries(
            {},
            optional={
                "weekdays": st.lists(st.sampled_from(["mon", "tue", "sat"]), max_size=2),
                "from": st.sampled_from(["00:00", "10:00", "12:59", "22:00"]),
                "to": st.sampled_from(["00:00", "10:00", "10:01", "24:00", "06:00"]),
                "date": st.sampled_from(["2026-03-31", "2026-04-01", "2026-02-31"]),
                "timezone": st.sampled_from(["contact", *filter(None, ZONES)]),
            },
        )
    }
)
segment_leaves = st.fixed_dictionaries(
    {"segment": st.sampled_from([*SEGMENTS, *LISTS])},
    optional={
        "params": st.dictionaries(
            one_of_names(FIELD_NAMES),
            st.one_of(scalars, param_refs, st.lists(scalars, max_size=3)),
            max_size=3,
        )
    },
)
channels = ["email", "push", "in_app", "inbox", "sms", "web_push", "webhook"]
leaves = st.one_of(
    comparisons(field=FIELD_NAMES),
    comparisons(field=BUILT_IN),
    comparisons(field=INSTANT_FIELDS),
    comparisons(param=FIELD_NAMES),
    event_leaves,
    order_leaves,
    message_leaves,
    now_leaves,
    segment_leaves,
    st.sampled_from(channels).map(lambda channel: {"reachable": channel}),
)
plain_leaves = st.one_of(
    comparisons(field=FIELD_NAMES), comparisons(param=FIELD_NAMES), event_leaves
)


def trees(of: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Predicate]:
    """Predicates over these leaves: mostly one leaf, sometimes a tree of up to three levels."""

    def above(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
        return st.one_of(
            st.lists(inner, max_size=3).map(lambda parts: {"all": parts}),
            st.lists(inner, max_size=3).map(lambda parts: {"any": parts}),
            inner.map(lambda part: {"not": part}),
        )

    branches = above(of)
    return st.one_of(of, of, of, branches, above(st.one_of(of, branches))).map(predicate)


segments = st.fixed_dictionaries(
    {
        "plain": trees(plain_leaves),
        "parameterised": trees(comparisons(field=FIELD_NAMES)),
        "outer": trees(
            st.one_of(
                comparisons(param=FIELD_NAMES),
                st.fixed_dictionaries(
                    {
                        "segment": st.just("parameterised"),
                        "params": st.dictionaries(one_of_names(FIELD_NAMES), param_refs),
                    }
                ),
            )
        ),
    }
)

optional_text = st.one_of(st.none(), st.sampled_from(TEXTS), clean_text)
contacts = st.builds(
    ContactData,
    created_at=moments,
    updated_at=moments,
    user_id=st.none(),
    email=optional_text,
    phone=optional_text,
    timezone=st.sampled_from(ZONES),
    locale=optional_text,
    last_seen_at=st.one_of(st.none(), moments),
    fields=properties,
)
events = st.builds(EventData, st.sampled_from(EVENTS), moments, properties)
totals = st.one_of(
    st.none(),
    st.sampled_from([Decimal("0.5"), Decimal("1.50"), Decimal(2)]),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=1000),
)
items = st.lists(
    st.dictionaries(st.sampled_from(["sku", "tags", "a", "b", "a.b"]), values, max_size=3),
    max_size=3,
)
orders = st.builds(
    OrderData,
    order_id=st.uuids().map(str),
    status=st.sampled_from(STATUSES),
    timestamp=moments,
    created_at=moments,
    updated_at=moments,
    total=totals,
    currency=st.sampled_from([None, "USD", "20"]),
    items=items,
)
maybe = st.one_of(st.none(), st.just(NOW))
messages = st.lists(
    st.tuples(
        st.sampled_from(BLOCKS), maybe, maybe, maybe, maybe, maybe,
        st.frozensets(st.sampled_from(LINKS)),
    ),
    max_size=3,
).map(
    lambda found: [
        MessageData(block, visit, *states, links=links)
        for visit, (block, *states, links) in enumerate(found)
    ]
)  # fmt: skip
people = st.builds(
    Person,
    contact=contacts,
    events=st.lists(events, max_size=4),
    orders=st.lists(orders, max_size=3),
    messages=messages,
    device_platforms=st.lists(st.sampled_from([None, "ios", "web"]), max_size=2),
    params=properties,
    journey_started_at=moments,
    lists=st.frozensets(st.sampled_from(LISTS)),
)
