"""A filter that does not match tells which of its checks failed, and no others."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from journeys.matching import FailedCheck, PropertyFilter
from journeys.predicates import ParamCheck, ParamRef

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
names = st.sampled_from(["a", "b", "c.d"])
values = st.sampled_from([1, 2, "2", "x", True, ParamRef(param="a"), ParamRef(param="missing")])
checks = st.builds(
    ParamCheck, param=names, op=st.sampled_from(["=", "!=", ">", "<=", "contains"]), value=values
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "a": st.sampled_from([1, 2, "x", None, [1, 2]]),
        "b": st.sampled_from(["2", True, 3]),
        "c": st.sampled_from([{"d": 1}, [{"d": 2}, {"d": "x"}], {}]),
    },
)


@given(st.lists(checks, max_size=4), documents, documents)
def test_it_matches_exactly_when_no_check_failed(given_checks, properties, params):
    where = PropertyFilter(given_checks)
    failed = where.failed(properties, params=params, now=NOW)
    assert where.matches(properties, params=params, now=NOW) is (failed == [])
    each = [PropertyFilter([check]) for check in given_checks]
    refused = [not one.matches(properties, params=params, now=NOW) for one in each]
    assert len(failed) == sum(refused)


def test_a_failed_check_says_what_it_wanted_and_what_it_saw():
    where = PropertyFilter(
        [
            ParamCheck(param="plan", op="=", value=ParamRef(param="plan_wanted")),
            ParamCheck(param="items.sku", op="=", value="pt-10"),
            ParamCheck(param="minutes", op=">", value=1),
        ]
    )
    properties = {"items": [{"sku": "a"}, {"sku": "b"}], "minutes": 2}
    assert where.failed(properties, params={"plan_wanted": "x"}, now=NOW) == [
        FailedCheck("plan", "=", ["x"], []),
        FailedCheck("items.sku", "=", ["pt-10"], ["a", "b"]),
    ]
