"""Who falls into which branch of a split."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.splitting import branch_of

WORKFLOW = UUID(int=1)
CONTACTS = [UUID(int=number) for number in range(10_000)]


def fall(weights, contact, *, workflow=WORKFLOW, block="half"):
    return branch_of(weights, workflow_id=workflow, block_id=block, contact_id=contact)


@pytest.mark.parametrize("weights", [[1, 1], [0.5, 0.5], [70, 20, 10], [0.1, 99.9], [1] * 7])
def test_ten_thousand_contacts_fall_by_the_weights(weights):
    fallen = Counter(fall(weights, contact) for contact in CONTACTS)
    for index, weight in enumerate(weights):
        expected = weight / sum(weights)
        # five standard deviations of a binomial distribution
        slack = 5 * (expected * (1 - expected) / len(CONTACTS)) ** 0.5
        assert abs(fallen[index] / len(CONTACTS) - expected) < slack


def test_a_contacts_branch_never_changes():
    # a release that changed these would send running experiments' contacts the other way
    assert [fall([1, 1, 1], contact) for contact in CONTACTS[:12]] == [
        1,
        0,
        0,
        0,
        1,
        1,
        0,
        0,
        2,
        1,
        0,
        1,
    ]


@pytest.mark.parametrize("other", [{"block": "other"}, {"workflow": UUID(int=2)}])
def test_the_halves_of_one_split_are_not_those_of_another(other):
    same = sum(fall([1, 1], c) == fall([1, 1], c, **other) for c in CONTACTS)
    assert 0.47 < same / len(CONTACTS) < 0.53


@given(
    st.lists(st.floats(min_value=0, exclude_min=True, allow_infinity=False), min_size=2),
    st.uuids(),
)
def test_whatever_the_weights_there_is_a_branch(weights, contact):
    assert 0 <= fall(weights, contact) < len(weights)
