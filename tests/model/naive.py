"""The engine's promises as a plain program: people, what they did, and what follows from it.

Nothing is kept that can be worked out. Memberships are evaluated from everything that ever happened
whenever anything happens, and at every moment at which time alone could change one; journeys are
dictionaries of blocks, walked one by one. What is promised is in docs/starts-and-stops.md,
docs/blocks.md and docs/predicates.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from journeys.durations import parse_duration
from journeys.evaluation import evaluate
from journeys.snapshot import ContactData, EventData, OrderData, Snapshot
from journeys.validation import parse_predicate
from tests.model.rules import Rules

TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Happening:
    """An event of a contact."""

    number: int
    name: str
    properties: Mapping[str, Any]
    at: datetime
    arrived: datetime


@dataclass(frozen=True)
class Purchase:
    """What an order is at a moment."""

    status: str
    total: int
    at: datetime


@dataclass(frozen=True)
class News:
    """What a rule may look at: one fact, in the order in which they were committed."""

    kind: str
    name: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    event: Happening | None = None
    by: str | None = None
    """The workflow whose update block made it."""
    late: bool = False
    """Of an order of which something newer was known."""


@dataclass
class Run:
    """A journey."""

    workflow: str
    params: Mapping[str, Any]
    event: Happening | None
    key: tuple[Any, ...]
    started_at: datetime
    state: str = "running"
    reason: str | None = None
    detail: str | None = None
    ended_at: datetime | None = None
    block: str | None = None
    entered_at: datetime | None = None
    since: datetime | None = None
    """From when on a `wait_for` counts events, by their arrival."""
    answered_by: tuple[int, ...] = ()

    @property
    def began(self) -> datetime:
        """The moment of what started it."""
        return self.event.at if self.event else self.started_at

    @property
    def order(self) -> tuple[Any, ...]:
        """Which of several that could go on goes first."""
        return self.workflow, self.started_at, str(self.params.get("n", ""))


@dataclass
class Human:
    """A contact."""

    user: str
    fields: dict[str, Any] = field(default_factory=dict)
    events: list[Happening] = field(default_factory=list)
    orders: dict[str, Purchase] = field(default_factory=dict)
    updates: list[tuple[str, Purchase]] = field(default_factory=list)
    """All that orders ever were."""
    lists: set[str] = field(default_factory=set)
    member_since: dict[str, datetime] = field(default_factory=dict)
    stays: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    entered: dict[tuple[str, tuple[Any, ...]], datetime] = field(default_factory=dict)
    decisions: list[tuple[str, str]] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    """Facts that are still to be decided on."""


class Model:
    """All contacts of one workspace."""

    def __init__(self, segments: Mapping[str, Rules | None], workflows: Mapping[str, Rules]):
        self._segments = segments
        self._parsed = {key: parse_predicate(where) for key, where in segments.items() if where}
        self._workflows = workflows
        self.people: dict[str, Human] = {}

    # What comes from outside

    def known(self, user: str) -> Human:
        """The contact, new if it was not known."""
        if user not in self.people:
            self.people[user] = Human(user, news=[News("contact")])
        return self.people[user]

    def track(self, user: str, event: Happening) -> None:
        """The contact did something."""
        human = self.known(user)
        human.events.append(event)
        human.news.append(News("event", event.name, event.properties, event.at, event))

    def set_field(self, human: Human, name: str, value: Any, by: str | None = None) -> None:
        """A field has this value from now on; None unsets it."""
        old = human.fields.pop(name, None)
        if value is not None:
            human.fields[name] = value
        if old != value:
            change = {"field": name, "from": old, "to": value}
            human.news.append(News("field", name, change, by=by))

    def order(self, user: str, order_id: str, state: Purchase) -> None:
        """News of an order; what is older than what is known is late, what is known is nothing."""
        human = self.known(user)
        if (order_id, state) in human.updates:
            return
        known = human.orders.get(order_id)
        late = known is not None and state.at < known.at
        if not late:
            human.orders[order_id] = state
        human.updates.append((order_id, state))
        properties = {"status": state.status, "total": state.total, "order_id": order_id}
        human.news.append(News("order", state.status, properties, state.at, late=late))

    def change_list(
        self, human: Human, key: str, on: bool, now: datetime, by: str | None = None
    ) -> None:
        """Put the contact on a static list, or take it off."""
        if on == (key in human.lists):
            return
        if on:
            human.lists.add(key)
            human.member_since[key] = now
        else:
            human.lists.remove(key)
            human.stays.append((key, human.member_since.pop(key), now))
        human.news.append(News("list", key, {"entered": on}, now, by=by))

    # Time

    def act(self, now: datetime) -> None:
        """Decide on what is new, then let one journey after the other go on, until nobody can."""
        for user in sorted(self.people):
            human = self.people[user]
            while True:
                self._decide(human, now)
                run = next(iter(sorted(self._ready(human, now), key=lambda run: run.order)), None)
                if run is None:
                    break
                self._walk(human, run, now)

    def pass_time(self, now: datetime) -> None:
        """Look at every membership, as time alone may have changed it."""
        for human in self.people.values():
            human.news += [
                News("clock", key)
                for key in self._parsed
                if self._is_member(human, key, now) != (key in human.member_since)
            ]
        self.act(now)

    def next_change(self, after: datetime, until: datetime) -> datetime | None:
        """The next moment at which a journey is due, or a membership changes with time."""
        moments = [self.due(human, run) for human in self.people.values() for run in human.runs]
        for human in self.people.values():
            for moment in sorted({m for m in self._watersheds(human) if after < m <= until}):
                if any(
                    self._is_member(human, key, moment) != (key in human.member_since)
                    for key in self._parsed
                ):
                    moments.append(moment)
                    break
        return min((m for m in moments if m is not None and after < m <= until), default=None)

    def _watersheds(self, human: Human) -> Iterator[datetime]:
        """Every moment at which a window may open or close."""
        days = [timedelta(days=n) for n in (-1, 1, 2, 3, 10)]
        moments = [event.at for event in human.events]
        moments += [order.at for order in human.orders.values()]
        if "trial" in human.fields:
            moments.append(datetime.fromisoformat(human.fields["trial"]))
        for moment in moments:
            for span in days:
                yield from (moment + span - TICK, moment + span, moment + span + TICK)

    # Segments

    def _is_member(self, human: Human, key: str, now: datetime) -> bool:
        if key not in self._parsed:
            return key in human.lists
        return evaluate(self._parsed[key], self._snapshot(human, now))

    def _snapshot(self, human: Human, now: datetime, run: Run | None = None) -> Snapshot:
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

    def _follow(self, human: Human, all_news: Sequence[News], now: datetime) -> list[News]:
        """The news, and behind the first that may have caused it, who came into what, and left."""
        behind: dict[int, list[News]] = {}
        for key in sorted(self._parsed):
            entered = self._is_member(human, key, now)
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

    # Starts and stops

    def _decide(self, human: Human, now: datetime) -> None:
        all_news, human.news = human.news, []
        if not all_news:
            return
        for news in self._follow(human, all_news, now):
            for run in human.runs:
                stops = self._workflows[run.workflow]["stop"]
                own = news.event is not None and news.event is run.event
                if run.state == "running" and not own and _stopped(stops, news, run):
                    _end(run, "stopped", news.kind, now)
            for key, workflow in self._workflows.items():
                if news.by != key and _starts(workflow["start"], news):
                    human.decisions.append((key, self._enter(human, key, news, all_news, now)))

    def _enter(
        self, human: Human, key: str, news: News, all_news: Sequence[News], now: datetime
    ) -> str:
        workflow = self._workflows[key]
        start = workflow["start"]
        reentry = start.get("reentry", {"mode": "always"})
        entry_key = tuple(news.properties.get(name) for name in reentry.get("key", []))
        for stop in workflow["stop"]:
            if stop["kind"] == "segment" and self._is_member(human, stop["segment"], now):
                return "stop_segment"
        for stop in workflow["stop"]:
            if stop["kind"] != "segment" and _did_before(human, stop, news, all_news):
                return "stop_lookback"
        last = human.entered.get((key, entry_key))
        if last is not None and reentry["mode"] == "once":
            return "reentry"
        if last is not None and reentry["mode"] == "after" and last > now - span(reentry["after"]):
            return "reentry"
        rivals = [
            run
            for run in human.runs
            if (run.workflow, run.key, run.state) == (key, entry_key, "running")
        ]
        match start.get("overlap", "skip"):
            case "skip" if rivals:
                return "overlap"
            case "restart":
                for rival in rivals:
                    _end(rival, "stopped", "restarted", now)
        human.entered[key, entry_key] = now
        human.runs.append(Run(key, news.properties, news.event, entry_key, now))
        return "started"

    # Journeys

    def _blocks(self, run: Run) -> dict[str, Rules]:
        return {block["id"]: block for block in self._workflows[run.workflow]["blocks"]}

    def _ready(self, human: Human, now: datetime) -> Iterator[Run]:
        for run in human.runs:
            if run.state != "running":
                continue
            if run.block is None:
                yield run
                continue
            due = self.due(human, run)
            block = self._blocks(run)[run.block]
            answered = block["kind"] == "wait_for" and self._answer(human, run, block)
            if answered or (due is not None and due <= now):
                yield run

    def due(self, human: Human, run: Run) -> datetime | None:
        """When the present wait ends; a timer bound to a field goes with the field."""
        if run.state != "running" or run.block is None or run.entered_at is None:
            return None
        block = self._blocks(run)[run.block]
        if block["kind"] == "wait_for":
            return run.entered_at + span(block["timeout"])
        wait = block["wait"]
        if "for" in wait:
            return run.entered_at + span(wait["for"])
        held = human.fields.get(wait["until"]["field"])
        if held is None:
            return run.entered_at
        return max(run.entered_at, datetime.fromisoformat(held) - timedelta(days=1))

    def _walk(self, human: Human, run: Run, now: datetime) -> None:
        blocks = self._blocks(run)
        if run.block is None:
            run.since = run.event.arrived if run.event else run.started_at
            target: str | None = self._workflows[run.workflow]["blocks"][0]["id"]
        else:
            target = self._leave(human, run, blocks[run.block], now)
        while target is not None:
            run.block, run.entered_at = target, now
            block = blocks[target]
            match block["kind"]:
                case "timer":
                    due = self.due(human, run)
                    if due is not None and due > now:
                        return
                    target = block.get("next")
                case "wait_for":
                    if self._answer(human, run, block) is None:
                        return
                    target = self._leave(human, run, block, now)
                case "condition":
                    at = self._snapshot(human, now, run)
                    target = block["then" if evaluate(parse_predicate(block["if"]), at) else "else"]
                case "emit":
                    self._emit(human, run, block, now)
                    target = block.get("next")
                case "update":
                    self._update(human, run, block, now)
                    target = block.get("next")
                case "exit":
                    _end(run, "completed", "exit", now, block.get("reason"))
                    return
        _end(run, "completed", "completed", now)

    def _leave(self, human: Human, run: Run, block: Rules, now: datetime) -> str | None:
        due = self.due(human, run)
        assert due is not None
        if block["kind"] == "timer":
            run.since = min(due, now)
            following: str | None = block.get("next")
            return following
        answer = self._answer(human, run, block)
        if answer is None:
            run.since, run.answered_by = due, ()
            return block.get("else")
        assert run.since is not None
        if isinstance(answer, Happening):
            same_moment = answer.arrived == run.since
            run.answered_by = (*(run.answered_by if same_moment else ()), answer.number)
            run.since = answer.arrived
        elif answer > run.since:
            run.since, run.answered_by = answer, ()
        return block.get("then")

    def _answer(self, human: Human, run: Run, block: Rules) -> Happening | datetime | None:
        """The event, or the moment of coming into the segment, that ends the wait."""
        assert run.since is not None
        due = self.due(human, run)
        assert due is not None
        if "segment" in block:
            key = block["segment"]
            entries = [human.member_since[key]] if key in human.member_since else []
            entries += [at for name, at, _ in human.stays if name == key and at > run.since]
            found = [at for at in entries if at <= due]
            return min(found, default=None)
        fitting = [
            event
            for event in human.events
            if event.name == block["event"]
            and run.since <= event.arrived <= due
            and event is not run.event
            and event.number not in run.answered_by
            and _same(block, event.properties, run.params)
        ]
        return min(fitting, key=lambda event: (event.arrived, event.at), default=None)

    def _emit(self, human: Human, run: Run, block: Rules, now: datetime) -> None:
        properties = {
            name: run.params[value["param"]]
            for name, value in block["properties"].items()
            if value["param"] in run.params
        }
        number = -1 - sum(len(other.events) for other in self.people.values())
        self.track(human.user, Happening(number, block["event"], properties, now, now))

    def _update(self, human: Human, run: Run, block: Rules, now: datetime) -> None:
        for name, value in block.get("set", {}).items():
            self.set_field(human, name, value, by=run.workflow)
        for key in block.get("add_to", []):
            self.change_list(human, key, True, now, by=run.workflow)
        for key in block.get("remove_from", []):
            self.change_list(human, key, False, now, by=run.workflow)


def span(duration: str) -> timedelta:
    """A duration of days and hours."""
    parts = parse_duration(duration)
    assert parts.keys() <= {"days", "hours"}
    return timedelta(**parts)


def _end(run: Run, state: str, reason: str, now: datetime, detail: str | None = None) -> None:
    run.state, run.reason, run.detail, run.ended_at = state, reason, detail, now
    run.block = run.block if state == "stopped" else None


def _starts(start: Rules, news: News) -> bool:
    match start["kind"]:
        case "event":
            named = news.kind == "event" and news.name == start["event"]
        case "field_change":
            named = news.kind == "field" and news.name == start["field"]
            return named and ("to" not in start or news.properties["to"] in start["to"])
        case _:
            named = news.kind == "segment" and news.name == start["segment"]
            return named and bool(news.properties["entered"])
    return named and _fits(start, news.properties)


def _stopped(stops: Sequence[Rules], news: News, run: Run) -> bool:
    return any(
        _starts(stop, news)
        if stop["kind"] == "segment"
        else _named(stop, news.kind, news.name)
        and _fits(stop, news.properties)
        and _same(stop, news.properties, run.params)
        and not (news.late and news.at is not None and news.at < _since(stop, run.began))
        for stop in stops
    )


def _since(stop: Rules, start: datetime) -> datetime:
    """From when on what happened stands against a journey that began then."""
    return start - span(stop["lookback"]) if "lookback" in stop else start + TICK


def _named(stop: Rules, kind: str, name: str) -> bool:
    return kind == stop["kind"] and name in stop["events" if kind == "event" else "status"]


def _did_before(human: Human, stop: Rules, news: News, all_news: Sequence[News]) -> bool:
    """Whether the contact did what would stop it: within the lookback, or after this late news."""
    if news.at is None:  # a change is of the moment at which it is heard of
        return False
    since = _since(stop, news.at)
    still_to_come = _from(news, all_news)
    if stop["kind"] == "order":
        later = [
            (n.properties["order_id"], n.at, n.name) for n in still_to_come if n.kind == "order"
        ]
        return any(
            _named(stop, "order", order.status)
            and order.at >= since
            and (order_id, order.at, order.status) not in later
            and _fits(stop, {"total": order.total})
            for order_id, order in human.updates
        )
    later_events = {id(other.event) for other in still_to_come if other.event}
    return any(
        _named(stop, "event", event.name)
        and event.at >= since
        and id(event) not in later_events
        and _fits(stop, event.properties)
        and _same(stop, event.properties, news.properties)
        for event in human.events
    )


def _from(news: News, all_news: Sequence[News]) -> Sequence[News]:
    """This news and what came after it."""
    places = [place for place, other in enumerate(all_news) if other is news]
    return all_news[places[0] :] if places else ()


def _fits(rule: Rules, properties: Mapping[str, Any]) -> bool:
    """`where`, of which the rules here only use `>=` with a number."""
    return all(
        check["param"] in properties and properties[check["param"]] >= check["value"]
        for check in rule.get("where", [])
    )


def _same(rule: Rules, properties: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    return all(
        properties.get(name) is not None and properties.get(name) == params.get(name)
        for name in rule.get("same", [])
    )
