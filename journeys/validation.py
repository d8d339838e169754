"""Whether a definition, right in shape, makes sense as a whole.

A definition is saved only without issues. Each names its JSON path and what would be right.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal

from journeys.definition import (
    BestOfBlock,
    Block,
    ConditionBlock,
    Definition,
    EventForSegmentStart,
    EventStart,
    FieldChangeStart,
    FirstReachableBlock,
    Goal,
    LaunchSchedule,
    MessageBlock,
    PromoBlock,
    Reentry,
    SegmentStart,
    SegmentStop,
    Start,
    Stop,
    TimerBlock,
    UntilClock,
    UntilParam,
    UpdateBlock,
    Wait,
    WaitForBlock,
)
from journeys.drawing import drawing_issues
from journeys.errors import Issue
from journeys.parsing import MAX_ISSUES, invalid, parse_definition, parse_predicate
from journeys.paths import json_path, proposal
from journeys.predicate_checks import (
    Names,
    Steps,
    check_filter,
    check_positive,
    check_predicate,
    check_segment,
    check_zone,
)
from journeys.predicates import ParamRef, Value
from journeys.schedules import check_moment, check_schedule
from journeys.segment_checks import Takes, parameter_issues
from journeys.sending_checks import Topics, sending_issues
from journeys.updates import update_issues

__all__ = [
    "Names",
    "check_definition",
    "check_predicate",
    "invalid",
    "parse_definition",
    "parse_predicate",
]

SegmentKind = Literal["list", "dynamic", "parameterised"]
"""A static list, a segment with a predicate, and one whose predicate takes parameters."""
JOURNEY_NAMES = frozenset({"id", "workflow", "name", "started_at"})
"""What templates find in `journey` always."""

_SENDERS = (MessageBlock, BestOfBlock, FirstReachableBlock)


def check_definition(
    definition: Definition,
    *,
    templates: Mapping[str, str],
    segments: Collection[str] | Mapping[str, SegmentKind],
    parameters: Takes | None = None,
    pools: Collection[str] | None = None,
    topics: Topics | None = None,
    senders: Collection[str] = (),
    drawing: bool = True,
) -> list[Issue]:
    """Check the definition as a whole against what the workspace has.

    `templates` gives the channel of each template by its key (or id, where a definition may name
    that); `segments` are the keys (or ids) of the segments, with what they are where that is known;
    `parameters` the names of what each segment takes, for those that are looked at; `pools` the
    keys of the promo pools and `topics` the channels of the topics by their keys, None where these
    are not looked at. `senders` are blocks that send
    beside those of the definition, and `drawing` whether its edges are looked at: it may be a part
    of a whole. Returns the first `MAX_ISSUES`.
    """
    own = {block.id for block in definition.blocks if isinstance(block, _SENDERS)}
    check = _Check(
        templates=templates,
        names=Names(segments=segments, senders=own.union(senders)),
        kinds=segments if isinstance(segments, Mapping) else {},
        pools=pools,
        has_event=isinstance(definition.start, EventStart | EventForSegmentStart),
    )
    found = chain(
        drawing_issues(definition) if drawing else (),
        parameter_issues(definition, parameters or {}),
        sending_issues(definition, topics),
        check.start(definition.start),
        *(check.stop(stop, ("stop", index)) for index, stop in enumerate(definition.stop)),
        check.goals(definition.goals, ("goals",)),
        *(check.block(block, ("blocks", index)) for index, block in enumerate(definition.blocks)),
    )
    return list(islice(found, MAX_ISSUES))


@dataclass(frozen=True)
class _Check:
    """The parts of a definition, one by one, against what there is."""

    templates: Mapping[str, str]
    names: Names
    kinds: Mapping[str, SegmentKind]
    pools: Collection[str] | None
    has_event: bool
    """Whether an event starts the journeys, whose properties can be named."""

    def start(self, start: Start) -> Iterable[Issue]:
        at: Steps = ("start",)
        yield from self._reentry(start.reentry, (*at, "reentry"))
        if isinstance(start, EventStart | EventForSegmentStart):
            yield from check_filter(start.where, (*at, "where"))
        if isinstance(start, SegmentStart | EventForSegmentStart):
            yield from check_segment(start.segment, self.names.segments, (*at, "segment"))
        if isinstance(start, FieldChangeStart):
            yield from _constants(start.from_, (*at, "from"))
            yield from _constants(start.to, (*at, "to"))
        if isinstance(start, SegmentStart):
            yield from check_positive(start.spread, (*at, "spread"))
            if isinstance(start.schedule, LaunchSchedule):
                yield from check_schedule(start.schedule, (*at, "schedule"))

    def _reentry(self, reentry: Reentry, at: Steps) -> Iterable[Issue]:
        yield from check_positive(reentry.after, (*at, "after"))
        yield from self._properties(reentry.key, (*at, "key"))

    def _properties(self, names: list[str], at: Steps) -> Iterable[Issue]:
        """Check a list of names of the starting event's properties."""
        if names and not self.has_event:
            yield Issue(json_path(at), "no event starts this workflow, so it has no properties")
        for index, name in enumerate(names):
            if not name.strip():
                yield Issue(json_path((*at, index)), "the name of a property cannot be empty")
            elif name in names[:index]:
                yield Issue(json_path((*at, index)), f"'{name}' is named twice")

    def stop(self, stop: Stop, at: Steps) -> Iterable[Issue]:
        if isinstance(stop, SegmentStop):
            yield from check_segment(stop.segment, self.names.segments, (*at, "segment"))
            return
        yield from check_filter(stop.where, (*at, "where"))
        yield from self._properties(stop.same, (*at, "same"))
        yield from check_positive(stop.lookback, (*at, "lookback"))

    def goals(self, goals: Sequence[Goal], at: Steps) -> Iterable[Issue]:
        names: set[str] = set()
        for index, goal in enumerate(goals):
            yield from check_filter(goal.where, (*at, index, "where"))
            yield from check_positive(goal.within, (*at, index, "within"))
            if goal.name in names:
                yield Issue(json_path((*at, index, "name")), f"'{goal.name}' is named twice")
            names.add(goal.name)

    def block(self, block: Block, at: Steps) -> Iterable[Issue]:  # noqa: C901 (one case a kind)
        match block:
            case MessageBlock():
                yield from self._template(block.template, block.channel, (*at, "template"))
                yield from self._variants(block, at)
            case BestOfBlock():
                for index, template in enumerate(block.templates):
                    yield from self._template(template, block.channel, (*at, "templates", index))
            case FirstReachableBlock():
                for index, one in enumerate(block.channels):
                    place = (*at, "channels", index, "template")
                    yield from self._template(one.template, one.channel, place)
            case TimerBlock():
                yield from self._wait(block.wait, (*at, "wait"))
            case ConditionBlock():
                yield from check_predicate(block.if_, self.names, at=(*at, "if"))
            case WaitForBlock():
                yield from self._wait_for(block, at)
            case UpdateBlock():
                yield from self._update(block, at)
            case PromoBlock():
                yield from self._promo(block, at)
            case _:
                pass

    def _template(self, key: str, channel: str, at: Steps) -> Iterable[Issue]:
        its_channel = self.templates.get(key)
        if its_channel is None:
            fitting = [key for key, of in self.templates.items() if of == channel]
            yield Issue(
                json_path(at),
                f"there is no template '{key}'; {proposal(key, fitting, kind=f'for {channel}')}",
            )
        elif its_channel != channel:
            yield Issue(
                json_path(at),
                f"the template '{key}' is for the channel {its_channel}, not {channel}",
            )

    def _variants(self, block: MessageBlock, at: Steps) -> Iterable[Issue]:
        named = {block.template}
        for index, variant in enumerate(block.variants):
            place = (*at, "variants", index, "template")
            yield from self._template(variant.template, block.channel, place)
            if variant.template in named:
                yield Issue(json_path(place), f"'{variant.template}' is named twice")
            named.add(variant.template)

    def _wait(self, wait: Wait, at: Steps) -> Iterable[Issue]:
        yield from check_positive(wait.for_, (*at, "for"))
        yield from check_zone(wait.timezone, (*at, "timezone"))
        if wait.at is not None:
            yield from check_moment(wait.at, (*at, "at"))
        if isinstance(wait.until, UntilClock):
            yield from check_zone(wait.until.timezone, (*at, "until", "timezone"))
        if isinstance(wait.until, UntilParam) and not self.has_event:
            yield Issue(
                json_path((*at, "until", "param")),
                "no event starts this workflow, so it has no properties; use 'field'",
            )

    def _wait_for(self, block: WaitForBlock, at: Steps) -> Iterable[Issue]:
        yield from check_filter(block.where, (*at, "where"))
        yield from self._properties(block.same, (*at, "same"))
        yield from check_positive(block.timeout, (*at, "timeout"))
        if block.event is not None:
            return
        if block.segment is not None:
            yield from check_segment(block.segment, self.names.segments, (*at, "segment"))
        if block.message is not None:
            yield from self._sender(block.message.block, (*at, "message", "block"))
        for name in ("where", "same"):
            if getattr(block, name):
                other = "a segment" if block.segment is not None else "a message"
                yield Issue(
                    json_path((*at, name)),
                    f"'{name}' goes with 'event', and this waits for {other}",
                )

    def _sender(self, id_: str, at: Steps) -> Iterable[Issue]:
        senders = self.names.senders or ()
        if id_ not in senders:
            yield Issue(
                json_path(at),
                f"no block '{id_}' of this workflow sends a message; {proposal(id_, senders)}",
            )

    def _update(self, block: UpdateBlock, at: Steps) -> Iterable[Issue]:
        yield from update_issues(block, at)
        for name, keys in (("add_to", block.add_to), ("remove_from", block.remove_from)):
            for index, key in enumerate(keys):
                yield from check_segment(key, self.names.segments, (*at, name, index))
                if self.kinds.get(key, "list") != "list":
                    lists = [one for one, kind in self.kinds.items() if kind == "list"]
                    yield Issue(
                        json_path((*at, name, index)),
                        f"who is in the segment '{key}' follows from its predicate; contacts are"
                        f" put on static lists only; {proposal(key, lists)}",
                    )

    def _promo(self, block: PromoBlock, at: Steps) -> Iterable[Issue]:
        if self.pools is not None and block.pool not in self.pools:
            yield Issue(
                json_path((*at, "pool")),
                f"there is no promo pool '{block.pool}'; {proposal(block.pool, self.pools)}",
            )
        if block.as_ in JOURNEY_NAMES:
            yield Issue(
                json_path((*at, "as")), f"'journey.{block.as_}' is something else in templates"
            )


def _constants(values: Iterable[Value] | None, at: Steps) -> Iterable[Issue]:
    for index, value in enumerate(values or ()):
        if isinstance(value, ParamRef):
            yield Issue(
                json_path((*at, index, "param")),
                "no event starts this workflow, so it has no properties; write the value itself",
            )
