"""The drawing as a whole, the *Drawing* pitfalls by name."""

from __future__ import annotations

from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from tests.journeys.cases import EXIT, condition, issues, message, paths, timer, workflow


class TestPitfallsOfDrawing:
    def test_two_branches_that_join_are_not_taken_for_a_loop(self) -> None:
        joined = workflow(
            condition("plan", "premium", "offer"),
            message("premium", "join"),
            message("offer", "join"),
            message("join", "out"),
            EXIT,
        )
        assert issues(joined) == []

    def test_a_chain_of_joining_diamonds_is_no_loop_and_no_slow_check(self) -> None:
        blocks = []
        for n in range(249):
            blocks.append(condition(f"if{n}", f"a{n}", f"b{n}"))
            blocks.append(message(f"a{n}", f"join{n}"))
            blocks.append(message(f"b{n}", f"join{n}"))
            blocks.append(message(f"join{n}", f"if{n + 1}"))
        blocks.append({"id": "if249", "kind": "exit"})
        began = process_time()
        assert issues(workflow(*blocks)) == []
        assert process_time() - began < 2

    def test_a_block_that_others_still_lead_to_cannot_be_deleted(self) -> None:
        found = issues(workflow(message("a", "gone"), EXIT))
        assert "$.blocks[0].next" in paths(found)


class TestEdges:
    def test_missing_targets_of_every_edge_are_told(self) -> None:
        split = {
            "id": "s",
            "kind": "split",
            "branches": [{"weight": 1, "next": "c"}, {"weight": 1, "next": "x1"}],
        }
        found = issues(
            workflow(split, condition("c", "m", "x2"), message("m", "x3", **{"else": "x4"}))
        )
        assert paths(found) == [
            "$.blocks[0].branches[1].next",
            "$.blocks[1].else",
            "$.blocks[2].next",
            "$.blocks[2].else",
        ]

    def test_a_missing_target_comes_with_the_id_that_was_probably_meant(self) -> None:
        [issue, _] = issues(workflow(message("hello", "otu"), EXIT))
        assert issue.message == "there is no block 'otu'; did you mean 'out'?"

    def test_duplicate_ids_are_told_with_both_places(self) -> None:
        [issue] = issues(workflow(message("a", "out"), message("a"), EXIT))
        assert issue.path == "$.blocks[1].id"
        assert "$.blocks[0]" in issue.message

    def test_unreachable_blocks_are_told_each(self) -> None:
        found = issues(workflow(message("a"), message("b", "c"), message("c", "a")))
        assert paths(found) == ["$.blocks[1]", "$.blocks[2]"]
        assert "'a'" in found[0].message

    def test_edges_left_out_end_the_journey(self) -> None:
        assert issues(workflow(condition("c", None, None))) == []


class TestLoops:
    def test_a_loop_without_a_timer_is_told_at_the_edge_that_closes_it(self) -> None:
        [issue] = issues(workflow(message("a", "b"), condition("b", "out", "a"), EXIT))
        assert issue.path == "$.blocks[1].else"
        assert "a → b → a has no timer" in issue.message

    def test_a_block_that_leads_to_itself_is_a_loop(self) -> None:
        [issue] = issues(workflow(message("a", "a")))
        assert issue.path == "$.blocks[0].next"

    def test_a_loop_through_a_timer_is_fine(self) -> None:
        for wait in ({"for": "PT1M"}, {"until": {"time": "09:00"}}, {"until": {"field": "due"}}):
            assert issues(workflow(message("a", "t"), timer("t", "a", **wait))) == []

    def test_a_loop_through_a_wait_for_is_fine(self) -> None:
        wait_for = {
            "id": "w",
            "kind": "wait_for",
            "event": "E",
            "timeout": "P1D",
            "then": "a",
            "else": "a",
        }
        assert issues(workflow(message("a", "w"), wait_for)) == []

    def test_a_timer_for_one_fixed_moment_does_not_make_a_loop_wait_twice(self) -> None:
        for wait in ({"at": "2026-12-24T10:00"}, {"until": {"param": "ends_at"}}):
            [issue] = issues(workflow(message("a", "t"), timer("t", "a", **wait)))
            assert issue.path == "$.blocks[1].next"
            assert "add 'for'" in issue.message
            assert issues(workflow(message("a", "t"), timer("t", **wait))) == []

    def test_a_timer_beside_the_loop_does_not_excuse_it(self) -> None:
        found = issues(workflow(condition("c", "t", "m"), timer("t", "c"), message("m", "c")))
        assert paths(found) == ["$.blocks[2].next"]

    def test_separate_loops_are_told_each_and_once(self) -> None:
        found = issues(
            workflow(
                condition("c", "a", "x"),
                message("a", "b"), message("b", "a"),
                message("x", "y"), message("y", "z"), message("z", "x"),
            )
        )  # fmt: skip
        assert paths(found) == ["$.blocks[2].next", "$.blocks[5].next"]

    @given(
        st.lists(
            st.tuples(st.integers(0, 7), st.integers(0, 7), st.booleans()), min_size=1, max_size=8
        )
    )
    def test_a_loop_is_told_exactly_where_a_journey_could_go_round_without_waiting(
        self, drawn
    ) -> None:
        blocks = [
            timer(f"b{n}", f"b{then % len(drawn)}") if waits
            else condition(f"b{n}", f"b{then % len(drawn)}", f"b{else_ % len(drawn)}")
            for n, (then, else_, waits) in enumerate(drawn)
        ]  # fmt: skip
        told = any("loop" in issue.message for issue in issues(workflow(*blocks)))
        assert told == _can_go_round([[] if waits else [t, e] for t, e, waits in drawn])


def _can_go_round(edges: list[list[int]]) -> bool:
    reach = {n: {target % len(edges) for target in out} for n, out in enumerate(edges)}
    for _ in edges:
        reach = {n: out | {far for near in out for far in reach[near]} for n, out in reach.items()}
    return any(n in out for n, out in reach.items())
