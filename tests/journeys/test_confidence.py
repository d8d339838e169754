"""Rates come with how sure they are, and tell when one of several is the best."""

from __future__ import annotations

from random import Random

import pytest

from journeys.confidence import chances_to_be_best, rate


def test_a_rate_without_tries_is_none():
    assert rate(0, 0) is None


def test_the_interval_is_wilsons():
    """Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662 by Wilson's score interval."""
    found = rate(81, 263)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)


def test_no_success_is_not_certainty():
    found = rate(0, 20)
    assert found is not None
    assert found.low == 0
    assert 0.1 < found.high < 0.2


@pytest.mark.parametrize("true_rate", [0.02, 0.3, 0.9])
def test_the_interval_holds_the_true_rate_about_as_often_as_it_says(true_rate):
    chance = Random(1)
    held = 0
    for _ in range(500):
        found = rate(sum(chance.random() < true_rate for _ in range(200)), 200)
        assert found is not None
        held += found.low <= true_rate <= found.high
    assert held / 500 > 0.91


def test_a_clear_winner_is_told_and_a_tie_is_not():
    assert chances_to_be_best([(120, 1000), (60, 1000)])[0] > 0.99
    even = chances_to_be_best([(50, 1000), (50, 1000)])
    assert sum(even) == pytest.approx(1)
    assert 0.4 < even[0] < 0.6


def test_the_same_results_give_the_same_figures():
    assert chances_to_be_best([(5, 50), (7, 60)]) == chances_to_be_best([(5, 50), (7, 60)])
