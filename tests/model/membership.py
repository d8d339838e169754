"""Who is in which segment, worked out from everything that ever happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from journeys.evaluation import evaluate
from journeys.snapshot import ContactData, EventData, OrderData, Snapshot
from journeys.validation import parse_predicate
from tests.model.people import TICK, Human, News, Run
from tests.model.rules import Rules


class Memberships:
    """The segments of a workspace."""

    def __init__(self, segments: Mapping[str, Rules | None]) -> None:
        self._segments = segments
        self._parsed = {key: parse_predicate(where) for key, where in segments.items() if where}

    def changed(self, human: Human, now: datetime) -> list[str]:
        """The segments that the contact has come into, or left, without its being written down."""
        return [
            key
            for key in self._parsed
            if self.holds(human, key, now) != (key in human.member_since)
        ]

    def holds(self, human: Human, key: str, now: datetime) -> bool:
        """Whether the contact is a member, worked out from all that happened."""
        if key not in self._parsed:
            return key in human.lists
        return evaluate(self._parsed[key], self.snapshot(human, now))

    def snapshot(self, human: Human, now: datetime, run: Run | None = None) -> Snapshot:
        """All that is known of the contact, as predicates see it."""
        lists = {key: key in human.lists for key in self._segments if key not in self._parsed}
        return Snapshot(
            now,
            ContactData(now, now, user_id=human.user, fields=human.fields),
            events=[EventData(e.name, e.at, e.properties) for e in human.events],
            orders=[
                OrderData(id_, o.status, o.at, o.at, o.at, Decimal(o.total))
                for id_, o in human.orders.items()
            ],
            segments={**self._parsed, **lists},
            params=run.params if run else {},
            journey_started_at=run.started_at if run else None,
        )

    def _mentions(self, rules: Any, news: News) -> bool:  # noqa: PLR0911 (one a leaf)
        """Whether the answer of a predicate may be another after this."""
        if isinstance(rules, list):
            return any(self._mentions(part, news) for part in rules)
        if not isinstance(rules, dict):
            return False
        match rules:
            case {"segment": key}:
                inner = self._segments[key]
                if inner is None:
                    return news.kind == "list" and news.name == key
                return self._mentions(inner, news)
            case {"event": name}:
                return news.kind == "event" and news.name == name
            case {"field": name}:
                return news.kind == "field" and news.name == name
            case {"order": _}:
                return news.kind == "order"
            case _:
                return any(self._mentions(part, news) for part in rules.values())

    def _concerns(self, key: str, news: News) -> bool:
        match news.kind:
            case "contact":
                return True
            case "clock":
                return news.name == key
            case _:
                return self._mentions(self._segments[key], news)

    def follow(self, human: Human, all_news: Sequence[News], now: datetime) -> list[News]:
        """The news, and behind the first that may have caused it, who came into what, and left."""
        behind: dict[int, list[News]] = {}
        for key in sorted(self._parsed):
            entered = self.holds(human, key, now)
            if entered == (key in human.member_since):
                continue
            if entered:
                human.member_since[key] = now
            else:
                human.stays.append((key, human.member_since.pop(key), now))
            cause = next((n for n, news in enumerate(all_news) if self._concerns(key, news)), 0)
            by = all_news[cause].by
            moved = News("segment", key, {"segment": key, "entered": entered}, now, by=by)
            behind.setdefault(cause, []).append(moved)
        result: list[News] = []
        for place, news in enumerate(all_news):
            if news.kind == "list":
                about = {"segment": news.name, **news.properties}
                result.append(News("segment", news.name, about, now, by=news.by))
            else:
                result.append(news)
            result += behind.get(place, [])
        return result

    def watersheds(self, human: Human) -> Iterator[datetime]:
        """Every moment at which a window may open or close."""
        days = [timedelta(days=n) for n in (-1, 1, 2, 3, 10)]
        moments = [event.at for event in human.events]
        moments += [order.at for order in human.orders.values()]
        if "trial" in human.fields:
            moments.append(datetime.fromisoformat(human.fields["trial"]))
        for moment in moments:
            for span in days:
                yield from (moment + span - TICK, moment + span, moment + span + TICK)
