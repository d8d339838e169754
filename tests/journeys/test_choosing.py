"""Of several messages, the better one is found, and found again when what people like changes."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from journeys.choosing import Candidate, choose


def simulate(rates: dict[str, float], sends: int, seed: int) -> Counter[str]:
    """How often each message is sent when people click on it at these rates."""
    chance = Random(seed)
    sent: Counter[str] = Counter()
    clicked: Counter[str] = Counter()
    for _ in range(sends):
        chosen = choose([Candidate(key, sent[key], clicked[key]) for key in rates], chance)
        sent[chosen.template] += 1
        clicked[chosen.template] += chance.random() < rates[chosen.template]
    return sent


@pytest.mark.parametrize("seed", range(10))
def test_the_better_message_is_found_and_mostly_sent(seed):
    sent = simulate({"plain": 0.05, "warm": 0.10, "loud": 0.02}, 5_000, seed)
    assert sent.most_common(1)[0][0] == "warm"
    assert sent["warm"] > 3_500


def test_messages_that_are_alike_share_the_sends():
    sent = simulate({"one": 0.1, "other": 0.1}, 2_000, 1)
    assert min(sent.values()) > 200


def test_a_new_message_is_tried_beside_one_that_is_known_well():
    chance = Random(1)
    known = Candidate("known", 2_000, 100)
    tried = sum(choose([known, Candidate("new")], chance).template == "new" for _ in range(100))
    assert tried > 80


def test_a_worse_message_is_not_given_up_for_good():
    chance = Random(1)
    pair = [Candidate("good", 100, 12), Candidate("poor", 100, 8)]
    assert 0 < sum(choose(pair, chance).template == "poor" for _ in range(500)) < 250


def test_more_clicks_than_sends_are_read_as_a_click_each():
    assert choose([Candidate("odd", 1, 5)], Random(1)).template == "odd"
