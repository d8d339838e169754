"""The CDNOW purchase history (Fader and Hardie) as contacts, events and orders.

Each line of the file is a purchase: customer, date, number of CDs, dollars. Every id is derived
from the customer and the place of the purchase among theirs, so a load may be repeated or taken up
again without doubling anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

EVENT = "Order Completed"
CURRENCY = "USD"
HOUR = 12
"""The file knows days only; noon UTC is the same day in nearly every time zone."""

_LINE = re.compile(
    r"\s*(?P<customer>\d+)\s+(?P<date>\d{8})\s+(?P<cds>\d+)\s+(?P<dollars>\d+\.?\d*)\s*"
)


@dataclass(frozen=True)
class BadLine:
    """A line that is no purchase."""

    number: int
    reason: str


@dataclass(frozen=True)
class Purchase:
    """One line. `nth` counts the purchases of this customer from 1 in the file's order."""

    line: int
    customer: str
    nth: int
    at: datetime
    cds: int
    dollars: float

    @property
    def user_id(self) -> str:
        """The contact's `userId`."""
        return f"cdnow-{self.customer}"

    @property
    def order_id(self) -> str:
        """The order's id, and the event's messageId."""
        return f"{self.user_id}-{self.nth}"

    def event(self) -> dict[str, Any]:
        """Build the `track` call."""
        return {
            "type": "track",
            "event": EVENT,
            "userId": self.user_id,
            "messageId": self.order_id,
            "timestamp": self.at.isoformat(),
            "properties": {
                "order_id": self.order_id,
                "total": self.dollars,
                "currency": CURRENCY,
                "quantity": self.cds,
            },
        }

    def order(self) -> dict[str, Any]:
        """Build the order."""
        return {
            "orderId": self.order_id,
            "userId": self.user_id,
            "status": "delivered",
            "total": self.dollars,
            "currency": CURRENCY,
            "items": [{"sku": "cd", "quantity": self.cds}],
            "timestamp": self.at.isoformat(),
        }


def read(lines: Iterable[str]) -> Iterator[Purchase | BadLine]:
    """Read the file; a heading in the first line is passed over, bad lines are reported."""
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or (number == 1 and "customer" in line):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            yield BadLine(number, "is not `customer date cds dollars`")
            continue
        try:
            day = datetime.strptime(match["date"], "%Y%m%d").replace(hour=HOUR, tzinfo=UTC)
        except ValueError:
            yield BadLine(number, f"{match['date']} is no date (YYYYMMDD)")
            continue
        customer = match["customer"]
        seen[customer] = seen.get(customer, 0) + 1
        yield Purchase(
            number, customer, seen[customer], day, int(match["cds"]), float(match["dollars"])
        )


def contacts(purchases: Iterable[Purchase]) -> list[dict[str, Any]]:
    """Sum up each customer; addresses are made up under a name reserved for examples."""
    by_customer: dict[str, list[Purchase]] = {}
    for purchase in purchases:
        by_customer.setdefault(purchase.user_id, []).append(purchase)
    return [
        {
            "userId": user_id,
            "email": f"{user_id}@shop.example",
            "timezone": "America/New_York",
            "fields": {
                "orders_count": len(history),
                "cds_count": sum(one.cds for one in history),
                "spent": round(sum(one.dollars for one in history), 2),
                "first_order_on": min(one.at for one in history).date().isoformat(),
                "last_order_on": max(one.at for one in history).date().isoformat(),
            },
        }
        for user_id, history in by_customer.items()
    ]
