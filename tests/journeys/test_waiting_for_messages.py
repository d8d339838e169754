"""A `wait_for` a message in a definition: what it may say, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from journeys.errors import InvalidInput, Issue
from journeys.validation import parse_definition
from tests.journeys.cases import EXIT, issues, message, paths, workflow


def waiting(message_: Any, **more: Any) -> dict[str, Any]:
    wait = {"id": "w", "kind": "wait_for", "message": message_, "timeout": "P1D", **more}
    return workflow(message("m", "w"), {"then": "out", **wait}, EXIT)


def refused(data: dict[str, Any]) -> list[Issue]:
    with pytest.raises(InvalidInput) as found:
        parse_definition(data)
    return list(found.value.issues)


@pytest.mark.parametrize("state", ["delivered", "opened", "clicked"])
def test_it_names_a_block_that_sends_and_a_state(state: str) -> None:
    assert issues(waiting({"block": "m", "state": state})) == []


def test_a_click_may_name_its_link() -> None:
    assert issues(waiting({"block": "m", "state": "clicked", "link": "https://a.example/"})) == []
    found = refused(waiting({"block": "m", "state": "opened", "link": "https://a.example/"}))
    assert "'link' goes with the state 'clicked'" in found[0].message


def test_a_block_that_sends_nothing_or_is_not_there_is_told() -> None:
    for block in ("out", "n"):
        [found] = issues(waiting({"block": block, "state": "opened"}))
        assert found.path == "$.blocks[1].message.block"
        assert f"no block '{block}' of this workflow sends a message" in found.message


def test_states_that_nobody_waits_for_are_refused() -> None:
    for state in ("sent", "failed", "read"):
        assert paths(refused(waiting({"block": "m", "state": state}))) == [
            "$.blocks[1].message.state"
        ]


def test_it_is_in_place_of_an_event_or_a_segment() -> None:
    opened = {"block": "m", "state": "opened"}
    for more in ({"event": "X"}, {"segment": "static"}):
        [found] = refused(waiting(opened, **more))
        assert "exactly one of 'event', 'segment' and 'message'" in found.message
    found = issues(waiting(opened, where=[{"param": "a", "op": "=", "value": 1}], same=["b"]))
    assert paths(found) == ["$.blocks[1].where", "$.blocks[1].same"]


def test_a_loop_needs_a_timer_beside_it() -> None:
    wait = {
        "id": "w", "kind": "wait_for", "message": {"block": "m", "state": "opened"},
        "timeout": "P1D", "then": "w2", "else": "out",
    }  # fmt: skip
    again = {**wait, "id": "w2", "then": "w"}
    found = issues(workflow(message("m", "w"), wait, again, EXIT))
    assert any("the loop" in issue.message for issue in found)
