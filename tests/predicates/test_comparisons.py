"""The comparison rules of docs/predicates.md, in SQL and in memory."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.predicates.conftest import Check
from tests.predicates.people import NOW, Person, contact

pytestmark = pytest.mark.usefixtures("database")


def cases(*rows: tuple[Any, ...]) -> list[tuple[dict[str, Any], bool]]:
    """Rows of (field, op, value, answer), or (field, op, answer) for `exists` and `missing`."""
    return [
        ({"field": row[0], "op": row[1], **({"value": row[2]} if len(row) == 4 else {})}, row[-1])
        for row in rows
    ]


async def test_missing_and_null_fail_every_comparison(check: Check):
    every = [
        ("=", 1), ("!=", 1), (">", 1), (">=", 1), ("<", 1), ("<=", 1), ("in", [1]), ("not_in", [1]),
        ("contains", "a"), ("starts_with", "a"), ("ends_with", "a"), ("before", "2026-01-01"),
        ("after", "2026-01-01"),
    ]  # fmt: skip
    names = ["absent", "null", "email", "last_seen_at", "absent.deeper"]
    await check(
        Person(contact=contact(fields={"null": None})),
        [
            *cases(*((name, op, value, False) for name in names for op, value in every)),
            *cases(*((name, "exists", False) for name in names)),
            *cases(*((name, "missing", True) for name in names)),
        ],
    )


async def test_a_missing_right_side_fails_every_comparison(check: Check):
    ops = ["=", "!=", ">", "in", "not_in", "contains", "starts_with", "before", "after"]
    await check(
        Person(contact=contact(fields={"a": "x"}, email="x"), params={"null": None}),
        [
            ({"field": name, "op": op, "value": {"param": param}}, False)
            for name in ("a", "email", "created_at")
            for op in ops
            for param in ("absent", "null", "null.deeper")
        ],
    )


async def test_numbers_may_be_sent_as_strings(check: Check):
    fields = {"text": "20", "decimal": "20.50", "number": 20, "exponent": "2e1", "padded": " 20"}
    await check(
        Person(contact=contact(fields=fields)),
        cases(
            ("text", ">=", 20, True),
            ("text", ">", 9, True),
            ("text", "=", 20, True),
            ("text", "!=", 20, False),
            ("text", "=", "20.0", False),  # two strings are compared by their characters
            ("text", ">", "9", True),  # but ordered as the numbers they spell
            ("decimal", "=", 20.5, True),
            ("number", "=", "20", True),
            ("number", "in", ["7", "20"], True),
            ("number", "not_in", ["7", "20"], False),
            ("exponent", "=", 20, True),
            ("padded", "=", 20, False),
            ("padded", ">=", 20, False),
        ),
    )


async def test_huge_and_odd_numbers_are_no_error(check: Check):
    fields = {
        "huge": "1e999", "too_huge": "1e1000000", "long": "9" * 100, "too_long": "9" * 101,
        "tiny": "1e-999", "nan": "NaN", "infinity": "Infinity", "arabic": "٣", "float": 1e308,
        "big": 2**63 - 1, "tenth": 0.1,
    }  # fmt: skip
    await check(
        Person(contact=contact(fields=fields)),
        cases(
            ("huge", ">", 1e308, True),
            ("too_huge", ">", 1, False),
            ("long", ">", 1, True),
            ("too_long", ">", 1, False),
            ("tiny", ">", 0, True),
            ("nan", "!=", 1, True),
            ("nan", ">", 1, False),
            ("infinity", ">", 1, False),
            ("arabic", "=", 3, False),
            ("float", "=", 1e308, True),
            ("big", "=", 2**63 - 1, True),
            ("big", ">", 2.0**62, True),
            ("tenth", "=", "0.1", True),
        ),
    )


async def test_booleans_equal_the_words_for_them(check: Check):
    await check(
        Person(contact=contact(fields={"yes": True, "text": "true", "title": "False", "one": 1})),
        cases(
            ("yes", "=", True, True),
            ("yes", "=", "true", True),
            ("yes", "=", "yes", False),
            ("yes", "!=", "no", True),
            ("text", "=", True, True),
            ("text", "=", False, False),
            ("title", "=", False, True),
            ("title", "in", [False], True),
            ("one", "=", True, False),
            ("yes", "=", 1, False),
            ("yes", ">", 0, False),
        ),
    )


async def test_strings_are_ordered_by_code_point(check: Check):
    await check(
        Person(contact=contact(fields={"lower": "a", "umlaut": "ä", "far": "\U0001f389"})),
        cases(
            ("lower", ">", "B", True),
            ("umlaut", ">", "z", True),
            ("far", ">", "\uffee", True),  # UTF-16 would say otherwise
            ("lower", "<=", "a", True),
            ("lower", "=", "A", False),
        ),
    )


async def test_parts_of_strings_and_elements_of_lists(check: Check):
    fields = {"text": "50% off_x", "tags": ["a", "20", 3, True, None, ["n"]], "empty": ""}
    await check(
        Person(contact=contact(fields=fields)),
        cases(
            ("text", "contains", "% off", True),
            ("text", "contains", "", True),
            ("text", "contains", "OFF", False),
            ("text", "starts_with", "50%", True),
            ("text", "starts_with", "_", False),
            ("text", "ends_with", "_x", True),
            ("text", "ends_with", "much longer than the value itself", False),
            ("empty", "ends_with", "", True),
            ("empty", "exists", True),
            ("tags", "contains", "a", True),
            ("tags", "contains", 20, True),
            ("tags", "contains", "3", True),
            ("tags", "contains", "true", True),
            ("tags", "contains", "n", False),
            ("tags", "contains", "b", False),
            ("tags", "=", "a", False),
            ("tags", "!=", "a", True),
            ("tags", "starts_with", "a", False),
        ),
    )


async def test_dates_and_date_times_are_compared_as_instants(check: Check):
    fields = {
        "date": "2026-03-31", "local": "2026-03-31T10:00", "offset": "2026-03-31T12:00:00+02:00",
        "nanos": "2026-03-31T10:00:00.123456789Z", "impossible": "2026-02-30", "words": "tomorrow",
        "number": 20260331, "dotted": "31.03.2026",
    }  # fmt: skip
    await check(
        Person(contact=contact(fields=fields)),
        cases(
            ("date", "before", "2026-03-31T00:00:01Z", True),
            ("date", "after", "2026-03-30T23:59:59Z", True),
            ("local", "after", "2026-03-31T09:59:59Z", True),
            ("offset", "before", "2026-03-31T10:00:01Z", True),
            ("offset", "after", "2026-03-31T11:00:00+02:00", True),
            ("offset", ">=", "2026-03-31T10:00:00Z", True),  # ordering: the same instant
            ("offset", "=", "2026-03-31T10:00:00Z", False),  # equality: not the same characters
            ("nanos", "after", "2026-03-31T10:00:00.123455Z", True),
            ("impossible", "before", "2027-01-01", False),
            ("words", "after", "2026-01-01", False),
            ("words", ">", "2026-01-01", False),
            ("number", "after", "2026-01-01", False),
            ("dotted", "before", "2030-01-01", False),
        ),
    )


async def test_durations_are_relative_to_now_and_follow_the_calendar(check: Check):
    built_in = contact(
        last_seen_at=NOW - timedelta(days=3),
        fields={"ends": "2026-04-02T10:00:00Z", "february": "2026-02-28T10:00:00Z"},
    )
    await check(
        Person(contact=built_in),
        cases(
            ("last_seen_at", "after", "-P3DT1S", True),
            ("last_seen_at", "after", "-P3D", False),
            ("last_seen_at", ">=", "-P3D", True),
            ("last_seen_at", "before", "-PT71H59M59.999999S", True),
            ("ends", "before", "P3D", True),
            ("ends", "before", "P2D", False),
            ("ends", "after", "P1D", True),
            ("february", ">=", "-P1M", True),  # a month before 31 March is 28 February
            ("february", ">", "-P1M", False),
            ("created_at", "after", "-P9999Y", True),
            ("created_at", "before", "P999999999Y", True),
            ("ends", "after", "P", False),
        ),
    )


async def test_built_in_instants_take_any_spelling_of_an_instant(check: Check):
    await check(
        Person(),
        cases(
            ("created_at", "=", "2026-03-31T10:00:00Z", True),
            ("created_at", "=", "2026-03-31T12:00+02:00", True),
            ("created_at", "!=", "2026-03-31", True),
            ("created_at", "!=", "nonsense", True),
            ("created_at", "=", "nonsense", False),
            ("created_at", "in", ["nonsense", "2026-03-31T10:00Z"], True),
            ("created_at", "not_in", ["nonsense"], True),
            ("created_at", "<", 5, False),
            ("created_at", "contains", "2026", False),
            ("updated_at", "exists", True),
            ("last_seen_at", "missing", True),
        ),
    )


async def test_a_value_that_does_not_fit_is_unequal_and_nothing_else(check: Check):
    await check(
        Person(contact=contact(fields={"object": {"a": 1}, "list": [1], "text": "abc"})),
        cases(
            ("object", "=", 1, False),
            ("object", "!=", 1, True),
            ("object", ">", 1, False),
            ("object", "contains", "a", False),
            ("list", "not_in", [1], True),
            ("text", ">", 5, False),
            ("text", "<", 5, False),
            ("text", "=", 5, False),
            ("text", "!=", 5, True),
            ("text", "contains", 5, False),
            ("object", "exists", True),
        ),
    )


NASTY = [
    'quo"te', "apo'strophe", "back\\slash", "select", "NULL", "a b", "ключ 🎉", "%s", ":name", "$1",
    "{}", "--", "'; DROP TABLE contacts; --", "user_id ", "x" * 10_240, "new\nline", "..",
    ".a", "a.",
]  # fmt: skip


@pytest.mark.parametrize("name", NASTY, ids=lambda name: name[:20])
async def test_a_field_may_have_any_name(check: Check, name: str):
    await check(
        Person(
            contact=contact(fields={name: name, "b": {name: 1}}),
            params={name: name},
        ),
        [
            ({"field": name, "op": "=", "value": name}, True),
            ({"field": name, "op": "!=", "value": name}, False),
            ({"field": name, "op": "in", "value": {"param": name}}, True),
            ({"param": name, "op": "exists"}, True),
            ({"field": name + "?", "op": "exists"}, False),
        ],
    )


async def test_dots_walk_and_lists_mean_any_item(check: Check):
    fields = {
        "address": {"city": "Kyiv", "geo.lat": 50, "geo": {"lat": 1}},
        "items": [{"sku": "a", "price": "5"}, {"sku": None}, [{"sku": "c"}], "text"],
        "a.b": "literal", "a": {"b": "walked"},
        "null.literal": None, "null": {"literal": 1},
    }  # fmt: skip
    await check(
        Person(contact=contact(fields=fields), params={"skus": [{"of": "c"}, {"of": ["x", "y"]}]}),
        [
            *cases(
                ("address.city", "=", "Kyiv", True),
                ("address.geo.lat", "=", 50, True),
                ("address.geo.lat", "=", 1, False),
                ("items.sku", "=", "a", True),
                ("items.sku", "=", "c", True),
                ("items.sku", "in", ["z", "c"], True),
                ("items.sku", "!=", "a", True),  # any item: c is not a
                ("items.price", ">", 4, True),
                ("items.sku", "exists", True),
                ("items.other", "missing", True),
                ("items.sku.deeper", "missing", True),
                ("a.b", "=", "literal", True),
                ("a.b", "=", "walked", False),
                ("null.literal", "missing", True),
            ),
            ({"field": "items.sku", "op": "=", "value": {"param": "skus.of"}}, True),
            ({"field": "items.sku", "op": "in", "value": {"param": "skus.of"}}, True),
            ({"field": "items.sku", "op": "not_in", "value": {"param": "skus.of"}}, True),
            ({"field": "a.b", "op": "in", "value": {"param": "skus.of"}}, False),
        ],
    )


async def test_camel_case_names_are_custom_but_for_user_id(check: Check):
    await check(
        Person(contact=contact(user_id="u-1", fields={"firstName": "Ann", "userId": "other"})),
        cases(
            ("firstName", "=", "Ann", True),
            ("userId", "=", "u-1", True),
            ("user_id", "in", ["u-1", "u-2"], True),
            ("user_id", "not_in", ["u-1"], False),
            ("first_name", "missing", True),
        ),
    )
