"""What comes in, from outside and from blocks, and the news that it makes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.model.people import Happening, Human, News, Purchase


class Record:
    """All contacts of one workspace."""

    def __init__(self) -> None:
        self.people: dict[str, Human] = {}

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
