"""A definition against what the workspace has, and against what this release runs."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest

from journeys.errors import Issue
from journeys.predicate_checks import Names, check_predicate
from journeys.validation import (
    SegmentKind,
    check_definition,
    parse_definition,
    parse_predicate,
)
from tests.journeys.cases import (
    EXIT,
    SEGMENTS,
    TEMPLATES,
    condition,
    from_file,
    issues,
    message,
    paths,
    timer,
    workflow,
)


def test_the_example_of_the_contract_is_clean() -> None:
    definition = parse_definition(from_file("workout-reminder.yaml"))
    templates = {"lets-go": "push", "try-premium": "email"}
    assert check_definition(definition, templates=templates, segments=["active"]) == []


def test_a_definition_of_every_block_kind_is_clean() -> None:
    assert issues(from_file("every-kind.yaml")) == []


def test_without_templates_and_segments_each_use_is_told() -> None:
    definition = parse_definition(from_file("every-kind.yaml"))
    found = check_definition(definition, templates={}, segments=[])
    assert paths(found) == [
        "$.start.segment",
        "$.blocks[1].if.all[1].not.segment",
        "$.blocks[2].template",
        "$.blocks[3].channels[0].template",
        "$.blocks[3].channels[1].template",
        "$.blocks[4].templates[0]",
        "$.blocks[4].templates[1]",
        "$.blocks[11].segment",
        "$.blocks[12].add_to[0]",
        "$.blocks[12].remove_from[0]",
    ]


class TestNames:
    def test_an_unknown_template_comes_with_those_of_the_channel(self) -> None:
        [issue] = issues(workflow(message("a", template="helo")))
        assert issue.path == "$.blocks[0].template"
        assert "did you mean 'hello'?" in issue.message
        assert "nudge" not in issue.message

    def test_a_template_of_another_channel_is_told(self) -> None:
        [issue] = issues(workflow(message("a", channel="push")))
        assert issue.message == "the template 'hello' is for the channel email, not push"

    @pytest.mark.parametrize("state", ["sent", "clicked"])
    def test_message_predicates_name_a_block_that_sends(self, state: str) -> None:
        def of(block: str) -> list[str]:
            leaf = {"message": {"block": block, "state": state}}
            data = workflow(
                message("m", "t"), timer("t", "c"), condition("c", "out", None, leaf), EXIT
            )
            return paths(issues(data))

        assert [of("m"), of("last"), of("all")] == [[], [], []]
        assert of("t") == of("nowhere") == ["$.blocks[2].if.message.block"]

    def test_segments_of_stops_and_waits_are_known(self) -> None:
        wait_for = {"id": "w", "kind": "wait_for", "segment": "x", "timeout": "P1D"}
        data = workflow(wait_for, stop=[{"kind": "segment", "segment": "y"}])
        assert paths(issues(data)) == ["$.stop[0].segment", "$.blocks[0].segment"]

    def test_properties_are_named_only_where_an_event_starts(self) -> None:
        start = {
            "kind": "field_change",
            "field": "plan",
            "reentry": {"mode": "once", "key": ["id"]},
        }
        stop = [{"kind": "event", "events": ["E"], "same": ["id"]}]
        data = workflow(timer("a", until={"param": "p"}), start=start, stop=stop)
        assert paths(issues(data)) == [
            "$.start.reentry.key",
            "$.stop[0].same",
            "$.blocks[0].wait.until.param",
        ]

    @pytest.mark.parametrize("side", ["from", "to"])
    def test_a_changed_field_is_compared_with_values_themselves(self, side: str) -> None:
        start = {"kind": "field_change", "field": "plan", side: ["free", {"param": "plan"}, None]}
        [issue] = issues(workflow(start=start))
        assert issue.path == f"$.start.{side}[1].param"
        assert "write the value itself" in issue.message
        assert issues(workflow(start={**start, side: ["free", None]})) == []

    def test_keys_are_named_once_and_not_empty(self) -> None:
        start = {"kind": "event", "event": "E", "reentry": {"key": ["a", "a", " "]}}
        assert paths(issues(workflow(start=start))) == [
            "$.start.reentry.key[1]",
            "$.start.reentry.key[2]",
        ]


class TestTime:
    @pytest.mark.parametrize(
        ("data", "path"),
        [
            (workflow(timer("a", **{"for": "P0D"})), "$.blocks[0].wait.for"),
            (workflow(timer("a", **{"for": "-P1D"})), "$.blocks[0].wait.for"),
            (
                workflow({"id": "w", "kind": "wait_for", "event": "E", "timeout": "PT0S"}),
                "$.blocks[0].timeout",
            ),
            (
                workflow(
                    start={
                        "kind": "event",
                        "event": "E",
                        "reentry": {"mode": "after", "after": "-P1D"},
                    }
                ),
                "$.start.reentry.after",
            ),
            (
                workflow(stop=[{"kind": "event", "events": ["E"], "lookback": "P0D"}]),
                "$.stop[0].lookback",
            ),
            (
                workflow(condition("c", None, None, {"event": "E", "within": "-P1D"})),
                "$.blocks[0].if.within",
            ),
        ],
    )
    def test_durations_that_must_lead_forward_do(self, data: Any, path: str) -> None:
        [issue] = issues(data)
        assert issue.path == path
        assert "longer than zero" in issue.message

    def test_offsets_may_lead_back(self) -> None:
        assert issues(workflow(timer("a", until={"field": "f", "offset": "-P1D"}))) == []

    @pytest.mark.parametrize(
        ("data", "path"),
        [
            (
                workflow(timer("a", until={"time": "09:00", "timezone": "Europe/Kyev"})),
                "$.blocks[0].wait.until.timezone",
            ),
            (
                workflow(timer("a", at="2026-01-01T00:00", timezone="Europe/Kyev")),
                "$.blocks[0].wait.timezone",
            ),
            (
                workflow(
                    condition(
                        "c", None, None, {"now": {"weekdays": ["sat"], "timezone": "Europe/Kyev"}}
                    )
                ),
                "$.blocks[0].if.now.timezone",
            ),
        ],
    )
    def test_unknown_zones_come_with_the_one_probably_meant(self, data: Any, path: str) -> None:
        [issue] = issues(data)
        assert issue.path == path
        assert "did you mean 'Europe/Kyiv'?" in issue.message

    @pytest.mark.parametrize(
        "at", ["2026-02-30T10:00", "tomorrow", "", "10:00", "2026-12-24T25:00"]
    )
    def test_moments_that_cannot_be_read_are_told(self, at: str) -> None:
        [issue] = issues(workflow(timer("a", at=at)))
        assert issue.path == "$.blocks[0].wait.at"
        assert "2026-12-24T10:00" in issue.message

    @pytest.mark.parametrize("at", ["2026-12-24T10:00", "2026-12-24", "2026-12-24T10:00:30+02:00"])
    def test_moments_are_dates_and_date_times(self, at: str) -> None:
        assert issues(workflow(timer("a", at=at))) == []

    def test_allowed_hours_allow_something(self) -> None:
        block = message("a", allowed_hours={"from": "09:00", "to": "09:00"})
        [issue] = issues(workflow(block))
        assert issue.path == "$.blocks[0].allowed_hours.to"
        assert "24:00" in issue.message

    @pytest.mark.parametrize("value", ["yesterday", "P1", "2026-02-30", ""])
    def test_before_and_after_compare_with_a_moment(self, value: str) -> None:
        where = [{"param": "at", "op": "before", "value": value}]
        start = {"kind": "event", "event": "E", "where": where}
        leaf = {"field": "created_at", "op": "after", "value": value}
        found = issues(workflow(condition("c", None, None, leaf), start=start))
        assert paths(found) == ["$.start.where[0].value", "$.blocks[0].if.value"]


class TestSchedules:
    def schedule(self, **schedule: Any) -> list[str]:
        start = {"kind": "segment", "segment": "static", "schedule": schedule}
        return paths(issues(workflow(start=start)))

    @pytest.mark.parametrize(
        "cron", ["0 9 * * mon", "*/15 8-18 1,15 jan-mar 1-5", "0 0 29 2 *", "5 4 * * SUN"]
    )
    def test_cron_lines_of_five_fields_are_accepted(self, cron: str) -> None:
        assert self.schedule(cron=cron, timezone="Europe/Kyiv") == []

    @pytest.mark.parametrize(
        "cron",
        ["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
         "* * * * 8",
         "*/0 * * * *", "5-1 * * * *", "a * * * *", "1,,2 * * * *", "@daily", "² * * * *"],
    )  # fmt: skip
    def test_other_cron_lines_are_not(self, cron: str) -> None:
        assert self.schedule(cron=cron) == ["$.start.schedule.cron"]

    def test_bounds_are_moments_in_order_and_belong_to_a_cron(self) -> None:
        assert (
            self.schedule(cron="0 9 * * *", **{"from": "2026-01-01", "until": "2026-02-01"}) == []
        )
        assert self.schedule(cron="0 9 * * *", **{"from": "2026-02-01", "until": "2026-02-01"}) == [
            "$.start.schedule.until"
        ]
        assert self.schedule(cron="0 9 * * *", until="soon") == ["$.start.schedule.until"]
        assert self.schedule(at="2026-01-01T10:00", until="2026-02-01") == [
            "$.start.schedule.until"
        ]

    def test_the_moment_and_the_zone_of_a_launch_are_checked(self) -> None:
        assert self.schedule(at="2026-12-24T10:00", timezone="UTC") == []
        assert self.schedule(at="soon") == ["$.start.schedule.at"]
        assert self.schedule(entry=True, timezone="contact") == ["$.start.schedule.timezone"]
        assert self.schedule(entry=True, timezone="Nowhere/At All") == ["$.start.schedule.timezone"]


class TestPredicatesOfSegments:
    def check(self, data: Any) -> list[str]:
        return paths(check_predicate(parse_predicate(data), Names(segments={"active"})))

    def test_know_no_journey(self) -> None:
        assert self.check({"any": [{"event": "E", "within": "journey"}]}) == ["$.any[0].within"]
        assert self.check({"order": {"within": "journey"}}) == ["$.order.within"]

    def test_know_no_blocks(self) -> None:
        assert self.check({"message": {"block": "hello", "state": "sent"}}) == ["$.message.block"]
        assert self.check({"message": {"block": "all", "state": "sent"}}) == []

    def test_name_other_segments(self) -> None:
        assert self.check({"not": {"segment": "active"}}) == []
        assert self.check({"not": {"segment": "gone"}}) == ["$.not.segment"]

    def test_say_something_about_now(self) -> None:
        assert self.check({"now": {}}) == ["$.now"]
        assert self.check({"now": {"date": "2026-02-30"}}) == ["$.now.date"]
        assert self.check({"now": {"from": "10:00", "to": "10:00"}}) == ["$.now.to"]
        assert self.check({"now": {"from": "22:00", "to": "06:00"}}) == []


class TestUpdates:
    def check(self, **update: Any) -> list[Issue]:
        definition = parse_definition(workflow({"id": "u", "kind": "update", **update}))
        kinds: dict[str, SegmentKind] = {"vip": "list", "active": "dynamic"}
        return check_definition(definition, templates={}, segments=kinds)

    def test_who_the_contact_is_cannot_be_changed(self) -> None:
        found = self.check(set={"userId": "x", "created_at": "2026-01-01"}, unset=["user_id"])
        assert paths(found) == [
            "$.blocks[0].set.userId", "$.blocks[0].set.created_at", "$.blocks[0].unset[0]",
        ]  # fmt: skip

    def test_built_in_fields_hold_text_and_the_zone_one_that_exists(self) -> None:
        found = self.check(set={"email": 5, "phone": {"+": 1}, "timezone": "Europe/Kiew"})
        assert paths(found) == [
            "$.blocks[0].set.email", "$.blocks[0].set.phone", "$.blocks[0].set.timezone",
        ]  # fmt: skip
        values = {"email": {"param": "email"}, "timezone": "Europe/Kyiv", "locale": None}
        assert self.check(set=values) == []

    def test_contacts_are_put_on_static_lists_only(self) -> None:
        [issue] = self.check(add_to=["vip", "active"])
        assert issue.path == "$.blocks[0].add_to[1]"
        assert "static lists only" in issue.message
        assert "vip" in issue.message

    def test_one_name_is_not_changed_in_two_ways(self) -> None:
        found = self.check(set={"a": 1}, unset=["a"], add_to=["vip"], remove_from=["vip"])
        assert paths(found) == ["$.blocks[0].unset[0]", "$.blocks[0].remove_from[0]"]


class TestPromo:
    def check(self, **promo: Any) -> list[str]:
        block = {"id": "p", "kind": "promo", "pool": "spring", "as": "code", **promo}
        definition = parse_definition(workflow(block))
        return paths(check_definition(definition, templates={}, segments={}, pools=["spring"]))

    def test_the_pool_must_exist_and_its_name_in_templates_be_free(self) -> None:
        assert self.check() == []
        assert self.check(pool="sprang") == ["$.blocks[0].pool"]
        assert self.check(**{"as": "started_at"}) == ["$.blocks[0].as"]


class TestParameterisedSegments:
    def check(self, *blocks: Any, **parts: Any) -> list[Issue]:
        return check_definition(
            parse_definition(workflow(*blocks, **parts)),
            templates={},
            segments=["of-book", "active"],
            parameters={"of-book": ["book", "place"], "active": []},
        )

    def test_a_stop_by_one_is_refused(self) -> None:
        stops = [{"kind": "segment", "segment": key} for key in ("active", "of-book")]
        [issue] = self.check(timer("t"), stop=stops)
        assert issue.path == "$.stop[1].segment"
        assert "nobody comes into it" in issue.message

    @pytest.mark.parametrize(
        "schedule",
        ["entry", {"cron": "0 9 * * 1"}, {"at": "2030-01-01T10:00"}],
        ids=["entry", "cron", "at"],
    )
    def test_a_start_by_one_is_refused(self, schedule: Any) -> None:
        start = {"kind": "segment", "segment": "of-book", "schedule": schedule}
        assert paths(self.check(timer("t"), start=start)) == ["$.start.segment"]
        assert self.check(timer("t"), start={**start, "segment": "active"}) == []

    def test_an_event_binds_every_parameter_and_no_other(self) -> None:
        start = {"kind": "event_for_segment", "event": "Arrived", "segment": "of-book"}
        bound = {"book": "book_id", "place": "at.place"}
        assert self.check(timer("t"), start={**start, "bind": bound}) == []
        [issue] = self.check(timer("t"), start={**start, "bind": {"book": "book_id"}})
        assert issue.path == "$.start.bind"
        assert "takes place" in issue.message
        [issue] = self.check(timer("t"), start={**start, "bind": {**bound, "bok": "book_id"}})
        assert issue.path == "$.start.bind.bok"
        plain = {**start, "segment": "active"}
        assert self.check(timer("t"), start=plain) == []
        assert paths(self.check(timer("t"), start={**plain, "bind": bound})) == [
            "$.start.bind.book", "$.start.bind.place",
        ]  # fmt: skip

    def test_a_wait_for_one_is_refused(self) -> None:
        wait = {"id": "w", "kind": "wait_for", "segment": "of-book", "timeout": "P1D"}
        assert paths(self.check(wait)) == ["$.blocks[0].segment"]


class TestWaitForSegment:
    def test_a_loop_needs_a_timer_since_members_do_not_wait(self) -> None:
        wait = {"id": "w", "kind": "wait_for", "segment": "static", "timeout": "P1D", "then": "e"}
        emit = {"id": "e", "kind": "emit", "event": "Seen", "next": "w"}
        [issue] = issues(workflow(wait, emit))
        assert "members of the segment do not wait" in issue.message
        assert issues(workflow({**wait, "then": "t", "else": "w"}, timer("t", "w"))) == []


def test_a_variant_is_checked_like_the_template_beside_it() -> None:
    keys = ("nowhere", "hello", "bye", "bye")
    data = workflow(message("a", variants=[{"template": key} for key in keys]))
    assert paths(issues(data)) == [f"$.blocks[0].variants[{n}].template" for n in (0, 1, 3)]


def test_names_may_be_given_as_any_collection() -> None:
    definition = parse_definition(workflow(message("a")))
    assert check_definition(definition, templates=dict(TEMPLATES), segments=list(SEGMENTS)) == []


def test_a_large_definition_wrong_everywhere_is_answered_soon_and_briefly() -> None:
    blocks = [message(f"b{n}", f"x{n}", template=f"hallo{n}") for n in range(1000)]
    definition = parse_definition(workflow(*blocks))
    began = process_time()
    found = check_definition(
        definition, templates={f"hello{n}": "email" for n in range(1000)}, segments=[]
    )
    assert len(found) == 100
    assert process_time() - began < 5
