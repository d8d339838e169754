"""Waits and allowed hours: the *Waiting* pitfalls by name, then properties over many moments."""

# ruff: noqa: DTZ001  (local date-times without a zone are part of what is tested)

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from journeys.definition import AllowedHours, Wait
from journeys.timing import WEEKDAYS, after, allowed_from, before, due_at, movers

ZONES = [
    "UTC", "Europe/Kyiv", "Europe/London", "America/New_York", "America/Nuuk", "Asia/Kolkata",
    "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "Africa/Casablanca",
]  # fmt: skip
zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
clocks = st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.integers(0, 59))
weekday_lists = st.lists(st.sampled_from(WEEKDAYS), unique=True)


def at(text: str, zone: str = "UTC") -> datetime:
    """The moment of a local date-time, first occurrence."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def due(wait: dict[str, Any], entered: datetime, zone: str | None = "UTC", **more: Any) -> datetime:
    given_ = {"workspace_zone": "UTC", "fields": {}, "params": {}} | more
    return due_at(Wait.model_validate(wait), entered_at=entered, contact_zone=zone, **given_)


def repr_start(value: object) -> str:
    return f"{value:.20}" if isinstance(value, str) else type(value).__name__


class TestPitfallsOfWaiting:
    def test_weekday_is_that_of_the_zone_not_of_utc(self) -> None:
        # 23:00 on Sunday in UTC is already Monday in Kyiv.
        entered = at("2026-01-04T23:00")
        wait = {"until": {"time": "09:00", "weekdays": ["mon"]}}
        assert due(wait, entered, "Europe/Kyiv") == at("2026-01-05T09:00", "Europe/Kyiv")
        assert due(wait, at("2026-01-05T08:00"), "Europe/Kyiv") == at(
            "2026-01-12T09:00", "Europe/Kyiv"
        )

    def test_offset_is_that_of_the_target_day_not_of_today(self) -> None:
        # Kyiv is at +02:00 on the day of entry and at +03:00 two days later.
        entered = at("2026-03-28T12:00", "Europe/Kyiv")
        assert due({"for": "P2D"}, entered, "Europe/Kyiv") == datetime(2026, 3, 30, 9, tzinfo=UTC)
        until = {"until": {"time": "12:00", "weekdays": ["mon"]}}
        assert due(until, entered, "Europe/Kyiv") == datetime(2026, 3, 30, 9, tzinfo=UTC)

    def test_days_keep_the_wall_clock_and_hours_are_exact_across_a_change(self) -> None:
        entered = at("2026-03-28T12:00", "Europe/Paris")
        assert due({"for": "P1D"}, entered, "Europe/Paris") == entered + timedelta(hours=23)
        assert due({"for": "PT24H"}, entered, "Europe/Paris") == entered + timedelta(hours=24)

    def test_0230_that_does_not_exist_goes_forward(self) -> None:
        forward = at("2026-03-29T03:30", "Europe/Paris")
        assert (
            due({"for": "P1D"}, at("2026-03-28T02:30", "Europe/Paris"), "Europe/Paris") == forward
        )
        assert due({"at": "2026-03-29T02:30"}, at("2026-03-01T00:00"), "Europe/Paris") == forward
        until = {"until": {"time": "02:30"}}
        assert due(until, at("2026-03-28T12:00"), "Europe/Paris") == forward

    def test_0230_that_happens_twice_is_taken_once_at_its_first_occurrence(self) -> None:
        first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        until = {"until": {"time": "02:30"}}
        assert due(until, at("2026-10-24T12:00"), "Europe/Paris") == first
        assert due({"for": "P1D"}, at("2026-10-24T02:30", "Europe/Paris"), "Europe/Paris") == first
        between = first + timedelta(minutes=30)
        assert due(until, between, "Europe/Paris") == at("2026-10-26T02:30", "Europe/Paris")

    @pytest.mark.parametrize(
        ("entered", "duration", "expected"),
        [
            ("2026-01-31T10:00", "P1M", "2026-02-28T10:00"),
            ("2028-01-31T10:00", "P1M", "2028-02-29T10:00"),
            ("2026-03-31T10:00", "P1M", "2026-04-30T10:00"),
            ("2026-12-31T10:00", "P2M", "2027-02-28T10:00"),
        ],
    )
    def test_31st_of_a_month_becomes_the_last_day_of_a_shorter_one(
        self, entered, duration, expected
    ) -> None:
        assert due({"for": duration}, at(entered, "Europe/Kyiv"), "Europe/Kyiv") == at(
            expected, "Europe/Kyiv"
        )

    def test_29_february_birthdays_fall_on_28_february_in_other_years(self) -> None:
        assert due({"for": "P1Y"}, at("2028-02-29T08:00")) == at("2029-02-28T08:00")
        birthday = {"until": {"field": "birthday", "offset": "P30Y"}}
        fields = {"birthday": "1996-02-29"}
        assert due(birthday, at("2026-01-01T00:00"), fields=fields) == at("2026-02-28T00:00")

    def test_a_contact_moving_to_another_zone_while_asleep_is_reckoned_anew_from_the_same_entry(
        self,
    ) -> None:
        entered = at("2026-05-01T12:00", "Europe/Kyiv")
        wait = {"until": {"time": "09:00"}}
        assert due(wait, entered, "Europe/Kyiv") == at("2026-05-02T09:00", "Europe/Kyiv")
        assert due(wait, entered, "America/New_York") == at("2026-05-01T09:00", "America/New_York")

    @pytest.mark.parametrize(
        "zone", [None, "", "Mars/Olympus", "+02:00", "../../etc/passwd", "x" * 10_000, "a\0b"]
    )
    def test_unknown_zone_names_fall_back_to_the_workspaces_and_then_to_utc(self, zone) -> None:
        wait = {"until": {"time": "09:00"}}
        entered = at("2026-05-01T00:00")
        assert due(wait, entered, zone, workspace_zone="Asia/Kolkata") == at(
            "2026-05-01T09:00", "Asia/Kolkata"
        )
        assert due(wait, entered, zone, workspace_zone="Nowhere") == at("2026-05-01T09:00")

    def test_a_timer_bound_to_a_field_moves_when_the_appointment_moves(self) -> None:
        wait = {"until": {"field": "appointment", "offset": "-PT1H"}}
        entered = at("2026-05-01T00:00")
        assert due(wait, entered, fields={"appointment": "2026-05-03T10:00"}) == at(
            "2026-05-03T09:00"
        )
        assert due(wait, entered, fields={"appointment": "2026-05-04T10:00"}) == at(
            "2026-05-04T09:00"
        )
        assert movers(Wait.model_validate(wait)) >= {("field", "appointment")}

    def test_a_timer_bound_to_an_order_moves_with_it(self) -> None:
        wait = {"until": {"order": "items.delivery_at", "offset": "-PT2H"}}
        entered = at("2026-05-01T00:00")
        order = {"items": [{"sku": "a"}, {"sku": "b", "delivery_at": "2026-05-03T10:00"}]}
        assert due(wait, entered, order=order) == at("2026-05-03T08:00")
        assert due(wait, entered, order={}) == entered
        assert movers(Wait.model_validate(wait)) >= {("order", "*")}

    @pytest.mark.parametrize(
        ("wait", "follows"),
        [
            ({"for": "PT36H"}, False),
            ({"for": "P1D"}, True),
            ({"for": "P1D", "timezone": "Europe/Kyiv"}, False),
            ({"at": "2026-12-24T10:00"}, True),
            ({"at": "2026-12-24T10:00", "timezone": "Europe/Kyiv"}, False),
            ({"until": {"time": "09:00"}}, True),
            ({"until": {"time": "09:00"}, "timezone": "Europe/Kyiv"}, False),
            ({"until": {"time": "09:00", "timezone": "Europe/Kyiv"}}, False),
            ({"for": "P1D", "until": {"time": "09:00", "timezone": "Europe/Kyiv"}}, True),
            ({"until": {"field": "appointment"}}, True),
        ],
        ids=str,
    )
    def test_a_wait_follows_the_contacts_zone_only_where_the_wall_clock_decides(
        self, wait, follows
    ) -> None:
        assert (("field", "timezone") in movers(Wait.model_validate(wait))) is follows


class TestAt:
    def test_is_local_to_the_contact_unless_a_zone_is_named(self) -> None:
        entered = at("2026-01-01T00:00")
        assert due({"at": "2026-12-24T10:00"}, entered, "Asia/Kolkata") == at(
            "2026-12-24T10:00", "Asia/Kolkata"
        )
        named = {"at": "2026-12-24T10:00", "timezone": "America/New_York"}
        assert due(named, entered, "Asia/Kolkata") == at("2026-12-24T10:00", "America/New_York")

    def test_goes_on_at_once_when_already_past(self) -> None:
        entered = at("2027-01-01T00:00")
        assert due({"at": "2026-12-24T10:00"}, entered) == entered


class TestUntilClock:
    def test_is_later_today_or_tomorrow(self) -> None:
        wait = {"until": {"time": "09:00"}}
        assert due(wait, at("2026-05-01T08:59")) == at("2026-05-01T09:00")
        assert due(wait, at("2026-05-01T09:01")) == at("2026-05-02T09:00")

    def test_entered_at_that_very_moment_waits_a_day_so_that_a_loop_takes_time(self) -> None:
        assert due({"until": {"time": "09:00"}}, at("2026-05-01T09:00")) == at("2026-05-02T09:00")

    def test_names_its_own_zone_or_inherits_that_of_the_wait(self) -> None:
        entered = at("2026-05-01T00:00")
        inner = {"until": {"time": "09:00", "timezone": "Europe/Kyiv"}}
        outer = {"until": {"time": "09:00"}, "timezone": "Europe/Kyiv"}
        for wait in (inner, outer):
            assert due(wait, entered, "Asia/Kolkata") == at("2026-05-01T09:00", "Europe/Kyiv")

    def test_on_a_day_that_the_zone_skipped_goes_forward_to_the_next(self) -> None:
        # Samoa had no 30 December 2011.
        wait = {"until": {"time": "09:00", "weekdays": ["fri"]}}
        entered = at("2011-12-29T12:00", "Pacific/Apia")
        assert due(wait, entered, "Pacific/Apia") == at("2011-12-31T09:00", "Pacific/Apia")


class TestForThenUntil:
    def test_first_the_one_then_the_other(self) -> None:
        wait = {"for": "P2D", "until": {"time": "09:00", "weekdays": ["mon"]}}
        assert due(wait, at("2026-05-02T12:00")) == at("2026-05-11T09:00")  # Saturday → Monday noon

    def test_a_daily_loop_at_nine_does_not_drift_to_every_other_day(self) -> None:
        wait = {"for": "P1D", "until": {"time": "09:00"}}
        entered = at("2026-05-01T09:00:20")
        assert due(wait, entered) == entered + timedelta(days=1)
        assert due(wait, at("2026-05-01T09:01")) == at("2026-05-03T09:00")

    def test_the_later_of_the_duration_and_the_field(self) -> None:
        wait = {"for": "P2D", "until": {"field": "trial_ends_at"}}
        entered = at("2026-05-01T00:00")
        assert due(wait, entered, fields={"trial_ends_at": "2026-05-02"}) == at("2026-05-03T00:00")
        assert due(wait, entered, fields={"trial_ends_at": "2026-05-09"}) == at("2026-05-09T00:00")
        assert due(wait, entered) == at("2026-05-03T00:00")


class TestHeldMoments:
    wait: ClassVar = {"until": {"field": "ends"}}
    entered = at("2026-01-01T00:00")

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("2026-06-01", at("2026-06-01T00:00", "Europe/Kyiv")),
            ("2026-06-01T10:00", at("2026-06-01T10:00", "Europe/Kyiv")),
            ("2026-06-01 10:00:30", at("2026-06-01T10:00:30", "Europe/Kyiv")),
            (" 2026-06-01T10:00Z ", at("2026-06-01T10:00")),
            ("2026-06-01T10:00:00.123456789Z", at("2026-06-01T10:00:00.123456")),
            ("2026-06-01T10:00-05:00", at("2026-06-01T15:00")),
            (1780308000, datetime.fromtimestamp(1780308000, UTC)),
            (1780308000.5, datetime.fromtimestamp(1780308000.5, UTC)),
            (datetime(2026, 6, 1, 10, tzinfo=UTC), at("2026-06-01T10:00")),
            (datetime(2026, 6, 1, 10), at("2026-06-01T10:00", "Europe/Kyiv")),
            (datetime(2026, 6, 1).date(), at("2026-06-01T00:00", "Europe/Kyiv")),
        ],
    )
    def test_is_read_from_dates_date_times_and_unix_seconds(self, value, expected) -> None:
        assert due(self.wait, self.entered, "Europe/Kyiv", fields={"ends": value}) == expected

    @pytest.mark.parametrize(
        "value",
        [
            None, "", "soon", "2026-02-30", "01/02/2026", "2026-06-01T25:00", True, [],
            ["2026-06-01"], {}, float("nan"), float("inf"), 10**400, -(10**400), 1e300,
            "9" * 10_000,
        ],
        ids=repr_start,
    )  # fmt: skip
    def test_that_cannot_be_read_goes_on_at_once(self, value) -> None:
        assert due(self.wait, self.entered, fields={"ends": value}) == self.entered

    def test_already_past_goes_on_at_once(self) -> None:
        assert due(self.wait, self.entered, fields={"ends": "2025-12-31"}) == self.entered

    def test_is_moved_by_the_offset_in_the_zone(self) -> None:
        wait = {"until": {"param": "workout_at", "offset": "-P1D"}}
        got = due(wait, self.entered, "Europe/Paris", params={"workout_at": "2026-03-29T12:00"})
        assert got == at("2026-03-28T12:00", "Europe/Paris")

    def test_is_found_through_dots(self) -> None:
        wait = {"until": {"param": "plan.starts"}}
        expected = at("2026-02-01T00:00")
        assert due(wait, self.entered, params={"plan": {"starts": "2026-02-01"}}) == expected
        assert due(wait, self.entered, params={"plan.starts": "2026-02-01", "plan": 1}) == expected

    @pytest.mark.parametrize(
        "never", ["9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59", 253402300799]
    )
    @pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
    @pytest.mark.parametrize("offset", ["PT0S", "P1Y", "-P1D"])
    def test_that_means_never_waits_as_long_as_a_wait_may(self, never, zone, offset) -> None:
        wait = {"until": {"field": "ends", "offset": offset}}
        got = due(wait, self.entered, zone, fields={"ends": never})
        assert got == self.entered + timedelta(days=36_500)


class TestAllowedHours:
    def allowed(
        self, hours: dict[str, Any], now: datetime, zone: str = "UTC", share: float = 0.0
    ) -> datetime:
        return allowed_from(
            AllowedHours.model_validate(hours),
            now=now,
            contact_zone=zone,
            workspace_zone="UTC",
            share=share,
        )

    def test_a_nights_backlog_does_not_leave_in_one_burst(self) -> None:
        hours = {"from": "08:00", "to": "20:00"}
        night = at("2026-05-01T03:00")
        assert self.allowed(hours, night, share=0.5) == at("2026-05-01T08:02:30")
        assert self.allowed(hours, night, share=1) == at("2026-05-01T08:05")
        short = {"from": "08:00", "to": "08:10"}
        assert self.allowed(short, night, share=1) == at("2026-05-01T08:01")
        inside = at("2026-05-01T08:01")
        assert self.allowed(hours, inside, share=1) == inside, "who need not wait does not"

    def test_begin_is_included_and_end_is_not(self) -> None:
        hours = {"from": "08:00", "to": "20:00"}
        for inside in ("08:00", "12:34:56", "19:59:59"):
            assert self.allowed(hours, at(f"2026-05-01T{inside}")) == at(f"2026-05-01T{inside}")
        assert self.allowed(hours, at("2026-05-01T20:00")) == at("2026-05-02T08:00")
        assert self.allowed(hours, at("2026-05-01T07:59:59")) == at("2026-05-01T08:00")

    def test_are_the_contacts_own(self) -> None:
        hours = {"from": "08:00", "to": "20:00"}
        assert self.allowed(hours, at("2026-05-01T01:00"), "Asia/Kolkata") == at(
            "2026-05-01T08:00", "Asia/Kolkata"
        )

    def test_that_span_midnight_belong_to_the_day_on_which_they_begin(self) -> None:
        hours = {"from": "22:00", "to": "02:00", "weekdays": ["fri"]}
        assert self.allowed(hours, at("2026-05-02T01:00")) == at("2026-05-02T01:00")  # Saturday
        assert self.allowed(hours, at("2026-05-01T01:00")) == at("2026-05-01T22:00")  # Friday

    def test_may_be_whole_days(self) -> None:
        hours = {"from": "00:00", "to": "24:00", "weekdays": ["mon"]}
        assert self.allowed(hours, at("2026-05-04T23:59:59")) == at("2026-05-04T23:59:59")
        assert self.allowed(hours, at("2026-05-05T00:00")) == at("2026-05-11T00:00")

    def test_that_fall_into_a_gap_go_forward_with_it(self) -> None:
        hours = {"from": "02:15", "to": "02:45"}
        now = at("2026-03-29T00:00", "Europe/Paris")
        assert self.allowed(hours, now, "Europe/Paris") == at("2026-03-29T03:15", "Europe/Paris")

    @given(moments, zones, clocks, clocks, weekday_lists)
    def test_the_moment_found_is_never_earlier_and_itself_allowed(
        self, now, zone, begin, end, weekdays
    ) -> None:
        assume(begin != end)
        hours = {"from": begin, "to": end, "weekdays": weekdays}
        got = self.allowed(hours, now, zone)
        assert now <= got <= now + timedelta(days=9)
        assert self.allowed(hours, got, zone) == got


class TestProperties:
    @given(moments, zones, clocks, weekday_lists)
    def test_until_a_time_lands_on_that_time_and_weekday_unless_in_a_gap(
        self, entered, zone, time, weekdays
    ) -> None:
        got = due({"until": {"time": time, "weekdays": weekdays}}, entered, zone)
        assert entered < got <= entered + timedelta(days=8, hours=3)
        local = got.astimezone(ZoneInfo(zone))
        shown = local.strftime("%H:%M")
        if shown == time:
            assert not weekdays or WEEKDAYS[local.weekday()] in weekdays
        else:
            # The time does not exist on that day: just before, the clock had not reached it.
            assert (got - timedelta(hours=1, minutes=1)).astimezone(ZoneInfo(zone)).strftime(
                "%H:%M"
            ) < time

    @given(moments, zones, clocks)
    def test_no_earlier_such_time_is_passed_over(self, entered, zone, time) -> None:
        got = due({"until": {"time": time}}, entered, zone)
        minutes = (
            entered + timedelta(minutes=n)
            for n in range(1, int((got - entered).total_seconds() // 60))
        )
        passed = [
            m
            for m in minutes
            if (s := m.astimezone(ZoneInfo(zone))).strftime("%H:%M") == time and not s.fold
        ]
        assert not passed

    @given(
        moments,
        st.sampled_from([*ZONES, "Nowhere", ""]),
        st.sampled_from(["P1D", "P1M", "P1Y", "PT90M", "P1W", "P1M1DT1S"]),
        st.one_of(
            st.none(), clocks, st.text(), st.integers(), st.floats(), st.datetimes().map(str)
        ),
    )
    def test_no_wait_ends_before_it_began_whatever_the_data(
        self, entered, zone, duration, value
    ) -> None:
        for wait in (
            {"for": duration},
            {"until": {"field": "x", "offset": "-" + duration}},
            {"for": duration, "until": {"param": "x", "offset": duration}},
        ):
            got = due(wait, entered, zone, fields={"x": value}, params={"x": value})
            assert entered <= got <= entered + timedelta(days=36_500)
            assert got.tzinfo is UTC

    @given(moments, zones, st.integers(1, 400))
    def test_days_keep_the_wall_clock_unless_in_a_gap(self, entered, zone, days) -> None:
        local = entered.astimezone(ZoneInfo(zone))
        expected = local.replace(tzinfo=None) + timedelta(days=days)
        got = due({"for": f"P{days}D"}, entered, zone)
        if (exists := expected.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)).astimezone(
            ZoneInfo(zone)
        ).replace(tzinfo=None) == expected:
            assert got.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == expected
        else:
            assert got == exists

    @given(moments, zones, st.integers(0, 10_000))
    def test_hours_are_exact_in_every_zone(self, entered, zone, hours) -> None:
        assert after(entered, f"PT{hours}H", zone) == entered + timedelta(hours=hours)
        assert before(entered, f"PT{hours}H", zone) == entered - timedelta(hours=hours)

    @given(moments, st.integers(0, 1000))
    def test_before_undoes_after_in_days_of_utc(self, moment, days) -> None:
        assert before(after(moment, f"P{days}D", "UTC"), f"P{days}D", "Nowhere") == moment


def test_a_window_of_days_reaches_back_by_the_wall_clock() -> None:
    now = at("2026-03-30T12:00", "Europe/Paris")
    assert before(now, "P7D", "Europe/Paris") == at("2026-03-23T12:00", "Europe/Paris")
    assert before(at("2026-03-31T12:00"), "P1M", "UTC") == at("2026-02-28T12:00")


def test_moments_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        due({"for": "P1D"}, datetime(2026, 1, 1))
