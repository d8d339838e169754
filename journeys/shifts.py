"""A duration added to an instant on the UTC calendar, as predicates use it (`within`, `-P3D`).

UTC, not the contact's zone: the instant at which "nothing for 9 days" becomes true is then the
same for a fact wherever its contact moves, and one bound serves a whole segment. `P1D` is 24 hours;
months and years follow the calendar, and a day that the month lacks becomes its last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from whenever import Instant, ItemizedDelta

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
"""A sum beyond these is taken as these."""

_YEAR = 31_556_952
_SECONDS = {
    "years": _YEAR, "months": _YEAR // 12, "weeks": 604_800, "days": 86_400,
    "hours": 3_600, "minutes": 60, "seconds": 1,
}  # fmt: skip
_TOO_LONG = 4_000 * _YEAR
_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<years>[0-9]{1,9})Y)?(?:(?P<months>[0-9]{1,9})M)?"
    r"(?:(?P<weeks>[0-9]{1,9})W)?(?:(?P<days>[0-9]{1,9})D)?"
    r"(?:T(?:(?P<hours>[0-9]{1,9})H)?(?:(?P<minutes>[0-9]{1,9})M)?"
    r"(?:(?P<seconds>[0-9]{1,9})(?:\.(?P<fraction>[0-9]{1,9}))?S)?)?"
)


@dataclass(frozen=True, slots=True)
class Shift:
    """A signed duration in the parts that the calendar treats differently."""

    sign: int
    months: int
    days: int
    hours: int
    minutes: int
    seconds: int
    microseconds: int
    saturated: bool = False
    """Longer than 4,000 years: leads to the end of time, whatever it starts from."""

    @classmethod
    def parse(cls, text: str) -> Shift | None:
        """Read an ISO 8601 duration, at most nine digits a part; None if it is not one."""
        found = _DURATION.fullmatch(text)
        if found is None or text[-1] in "PT":
            return None
        parts = {name: int(found[name] or 0) for name in _SECONDS}
        fraction = int((found["fraction"] or "0")[:6].ljust(6, "0"))
        return cls._of(-1 if found["sign"] == "-" else 1, parts, fraction)

    @classmethod
    def back(cls, duration: ItemizedDelta) -> Shift:
        """The length of a window, pointing to the past whatever its sign."""
        parts = {name: abs(duration.get(name, 0)) for name in _SECONDS}  # type: ignore[call-overload]
        return cls._of(-1, parts, abs(duration.get("nanoseconds", 0)) // 1_000)

    @classmethod
    def _of(cls, sign: int, parts: dict[str, int], microseconds: int) -> Shift:
        return cls(
            sign=sign,
            months=parts["years"] * 12 + parts["months"],
            days=parts["weeks"] * 7 + parts["days"],
            hours=parts["hours"],
            minutes=parts["minutes"],
            seconds=parts["seconds"],
            microseconds=microseconds,
            saturated=sum(parts[name] * _SECONDS[name] for name in _SECONDS) > _TOO_LONG,
        )

    @property
    def limit(self) -> datetime:
        """The end of time that it points to."""
        return EARLIEST if self.sign < 0 else LATEST

    def from_(self, start: datetime) -> datetime:
        """The instant that lies this far from `start`; the end of time if that is beyond it."""
        if self.saturated:
            return self.limit
        moment = Instant(start).to_tz("UTC")
        try:
            moved = moment.add(
                months=self.sign * self.months,
                days=self.sign * self.days,
                hours=self.sign * self.hours,
                minutes=self.sign * self.minutes,
                seconds=self.sign * self.seconds,
                microseconds=self.sign * self.microseconds,
            )
            return moved.to_stdlib().astimezone(UTC)
        except (ValueError, OverflowError):
            return self.limit
