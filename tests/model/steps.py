"""What may happen to the model's world: lists of steps, which shrink well."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.model.naive import Model
from tests.model.people import Happening, Purchase
from tests.model.rules import SEGMENTS, WORKFLOWS
from tests.model.system import Facts, System

BEGINNING = datetime(2024, 2, 27, 10, tzinfo=UTC)
"""Before a leap day; long before the real present, which nothing here may depend on."""
AT_ONCE = timedelta(seconds=1)
"""Between two steps."""

users = st.sampled_from(["ann", "ann", "ann", "bob"])
some_time_ago = st.sampled_from([0, 0, 0, 0, 6, 30, 70]).map(lambda hours: timedelta(hours=hours))


@dataclass(frozen=True)
class Track:
    """Somebody does something."""

    user: str
    event: str
    ago: timedelta
    plan: str | None = None
    minutes: int | None = None


@dataclass(frozen=True)
class SetField:
    """Somebody's field is set; a number stands for the moment so many hours from then."""

    user: str
    field: str
    value: str | int | None


@dataclass(frozen=True)
class Calls:
    """A batch of calls; `again` sends it twice, and it is decided on at once, or with the next."""

    calls: list[Track | SetField]
    again: bool = False
    at_once: bool = True


@dataclass(frozen=True)
class OrderNews:
    """News of one order."""

    user: str
    number: int
    status: str
    total: int
    ago: timedelta


@dataclass(frozen=True)
class Orders:
    """A batch of news of orders."""

    news: list[OrderNews]


@dataclass(frozen=True)
class ChangeList:
    """The owner puts somebody on the list of VIPs, or takes them off."""

    user: str
    on: bool


@dataclass(frozen=True)
class Pass:
    """Time passes."""

    time: timedelta


Step = Calls | Orders | ChangeList | Pass

tracks = st.builds(
    Track, users, st.sampled_from(["Viewed", "Begun", "Viewed", "Replied", "Done"]),
    some_time_ago, st.sampled_from(["a", "a", "a", "b", None]), st.sampled_from([30, 30, 10]),
)  # fmt: skip
fields = st.one_of(
    st.builds(SetField, users, st.just("plan"), st.sampled_from(["gold", "basic", None])),
    st.builds(SetField, users, st.just("trial"), st.sampled_from([60, -12, 30, None])),
)
calls = st.builds(
    Calls,
    st.lists(st.one_of(tracks, tracks, tracks, fields), min_size=1, max_size=5),
    st.sampled_from([False, False, False, True]),
    st.sampled_from([True, True, False]),
)
order_news = st.builds(
    OrderNews, users, st.integers(0, 3), st.sampled_from(["delivered", "delivered", "cancelled"]),
    st.sampled_from([60, 120, 150]), some_time_ago,
)  # fmt: skip
orders = st.builds(Orders, st.lists(order_news, min_size=1, max_size=3))
lists = st.builds(ChangeList, users, st.booleans())
passes = st.builds(
    Pass,
    st.sampled_from([1, 5, 11, 20, 24, 48, 72, 250]).map(lambda hours: timedelta(hours=hours)),
)
steps = st.lists(st.one_of(calls, calls, calls, passes, orders, lists), min_size=6, max_size=20)


@dataclass
class Twins:
    """The system and the model, to whom the same happens."""

    system: System
    model: Model = field(default_factory=lambda: Model(SEGMENTS, WORKFLOWS))
    now: datetime = BEGINNING
    sent: int = 0

    async def happen(self, step: Step) -> None:
        """Let it happen to both, and hold what they say together, at every moment that matters."""
        await self._pass_to(self.now + AT_ONCE)
        match step:
            case Calls():
                await self._call(step)
                if not step.at_once:
                    return
            case Orders():
                await self._order(step)
            case ChangeList():
                human = self.model.people.get(step.user)
                await self.system.change_list("vip", step.user, step.on, self.now)
                if human is not None:
                    self.model.change_list(human, "vip", step.on, self.now)
            case Pass():
                await self._pass_to(self.now + step.time)
                return
        await self.system.act(self.now)
        self.model.act(self.now)
        await self._agree(step)

    async def _pass_to(self, until: datetime) -> None:
        while True:
            alarms = [
                self.model.next_change(self.now, until),
                await self.system.next_change(self.now, until),
            ]
            moment = min((alarm for alarm in alarms if alarm is not None), default=None)
            if moment is None:
                break
            self.now = moment
            await self.system.pass_time(self.now)
            self.model.pass_time(self.now)
            await self._agree(f"time passes until {self.now}")
        self.now = until

    async def _call(self, step: Calls) -> None:
        bodies: list[dict[str, Any]] = []
        for call in step.calls:
            self.sent += 1
            body = {"userId": call.user, "messageId": str(self.sent)}
            match call:
                case Track():
                    details = {"n": self.sent, "plan": call.plan, "minutes": call.minutes}
                    properties = {name: value for name, value in details.items() if value}
                    at = self.now - call.ago
                    body |= {"type": "track", "event": call.event, "timestamp": at.isoformat()}
                    bodies.append({**body, "properties": properties})
                    event = Happening(self.sent, call.event, properties, at, self.now)
                    self.model.track(call.user, event)
                case SetField():
                    value = call.value
                    if isinstance(value, int):
                        value = (self.now + timedelta(hours=value)).isoformat()
                    bodies.append({**body, "type": "identify", "traits": {call.field: value}})
                    self.model.set_field(self.model.known(call.user), call.field, value)
        for _ in range(1 + step.again):
            await self.system.call(bodies, self.now)

    async def _order(self, step: Orders) -> None:
        bodies = []
        by_order: dict[str, list[OrderNews]] = {}
        for news in step.news:
            order_id = f"{news.user}-{news.number}"
            by_order.setdefault(order_id, []).append(news)
            bodies.append(
                {
                    "orderId": order_id, "userId": news.user, "status": news.status,
                    "total": news.total, "timestamp": (self.now - news.ago).isoformat(),
                }
            )  # fmt: skip
        for order_id, all_news in by_order.items():
            for news in sorted(all_news, key=lambda news: -news.ago):
                state = Purchase(news.status, news.total, self.now - news.ago)
                self.model.order(news.user, order_id, state)
        await self.system.order(bodies, self.now)

    async def _agree(self, step: object) -> None:
        by_system, by_model = await self.system.told(), told(self.model)
        for what in by_model:
            assert list(by_system[what]) == list(by_model[what]), (
                f"{what}, after {step} at {self.now}"
            )


def told(model: Model) -> Facts:
    """All that can be seen of the model, as the system shows it."""
    people = model.people.values()
    return {
        "members": sorted(
            (key, human.user, at) for human in people for key, at in human.member_since.items()
        ),
        "stays": sorted(
            (key, human.user, entered, left)
            for human in people
            for key, entered, left in human.stays
        ),
        "decisions": sorted(
            (key, human.user, outcome) for human in people for key, outcome in human.decisions
        ),
        "journeys": sorted(
            (
                human.user, run.workflow, run.started_at, str(run.params.get("n", "")), run.state,
                run.reason or "", run.detail or "" if run.reason == "exit" else "",
                run.block or "", model.due(human, run) or run.ended_at or run.started_at,
            )
            for human in people
            for run in human.runs
        ),
    }  # fmt: skip
