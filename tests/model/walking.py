"""Journeys through their blocks, from one wait to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from journeys.evaluation import evaluate
from journeys.validation import parse_predicate
from tests.model.entering import same
from tests.model.membership import Memberships
from tests.model.people import Happening, Human, Run, end, span
from tests.model.record import Record
from tests.model.rules import Rules


class Walking:
    """Lets journeys go on."""

    def __init__(
        self, workflows: Mapping[str, Rules], memberships: Memberships, record: Record
    ) -> None:
        self._workflows = workflows
        self._memberships = memberships
        self._record = record

    def _blocks(self, run: Run) -> dict[str, Rules]:
        return {block["id"]: block for block in self._workflows[run.workflow]["blocks"]}

    def ready(self, human: Human, now: datetime) -> Iterator[Run]:
        """The journeys that need not wait any longer."""
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

    def walk(self, human: Human, run: Run, now: datetime) -> None:
        """Go on to the next wait, or to the end."""
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
                    at = self._memberships.snapshot(human, now, run)
                    target = block["then" if evaluate(parse_predicate(block["if"]), at) else "else"]
                case "emit":
                    self._emit(human, run, block, now)
                    target = block.get("next")
                case "update":
                    self._update(human, run, block, now)
                    target = block.get("next")
                case "exit":
                    end(run, "completed", "exit", now, block.get("reason"))
                    return
        end(run, "completed", "completed", now)

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
            and same(block, event.properties, run.params)
        ]
        return min(fitting, key=lambda event: (event.arrived, event.at), default=None)

    def _emit(self, human: Human, run: Run, block: Rules, now: datetime) -> None:
        properties = {
            name: run.params[value["param"]]
            for name, value in block["properties"].items()
            if value["param"] in run.params
        }
        number = -1 - sum(len(other.events) for other in self._record.people.values())
        self._record.track(human.user, Happening(number, block["event"], properties, now, now))

    def _update(self, human: Human, run: Run, block: Rules, now: datetime) -> None:
        for name, value in block.get("set", {}).items():
            self._record.set_field(human, name, value, by=run.workflow)
        for key in block.get("add_to", []):
            self._record.change_list(human, key, True, now, by=run.workflow)
        for key in block.get("remove_from", []):
            self._record.change_list(human, key, False, now, by=run.workflow)
