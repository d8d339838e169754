"""What starts and stops journeys: rules, lookbacks, re-entry and overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.model.membership import Memberships
from tests.model.people import TICK, Human, News, Run, end, span
from tests.model.rules import Rules


class Entering:
    """Decides on news by the rules of the workflows."""

    def __init__(self, workflows: Mapping[str, Rules], memberships: Memberships) -> None:
        self._workflows = workflows
        self._memberships = memberships

    def decide(self, human: Human, now: datetime) -> None:
        """Take the contact's news in their order: stops before starts."""
        all_news, human.news = human.news, []
        if not all_news:
            return
        for news in self._memberships.follow(human, all_news, now):
            for run in human.runs:
                stops = self._workflows[run.workflow]["stop"]
                own = news.event is not None and news.event is run.event
                if run.state == "running" and not own and _stopped(stops, news, run):
                    end(run, "stopped", news.kind, now)
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
            if stop["kind"] == "segment" and self._memberships.holds(human, stop["segment"], now):
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
                    end(rival, "stopped", "restarted", now)
        human.entered[key, entry_key] = now
        human.runs.append(Run(key, news.properties, news.event, entry_key, now))
        return "started"


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
        and same(stop, news.properties, run.params)
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
        and same(stop, event.properties, news.properties)
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


def same(rule: Rules, properties: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    return all(
        properties.get(name) is not None and properties.get(name) == params.get(name)
        for name in rule.get("same", [])
    )
