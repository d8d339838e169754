"""Orders in answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from api.models.values import Answer
from api.paging import PageAnswer
from journeys.predicates import OrderStatus
from storage.repositories.orders import OrderRecord, OrderStateRecord


class OrderAnswer(Answer):
    """A purchase in its present state."""

    id: UUID
    order_id: str = Field(serialization_alias="orderId")
    contact_id: UUID
    user_id: str | None = Field(serialization_alias="userId")
    status: OrderStatus
    total: float | None
    currency: str | None
    items: list[dict[str, Any]]
    timestamp: datetime
    created_at: datetime
    updated_at: datetime


class OrderStateAnswer(Answer):
    """One update of an order, as it was sent."""

    status: OrderStatus
    total: float | None = Field(description="Null when the update did not say it.")
    timestamp: datetime = Field(description="When it became so.")
    received_at: datetime


class OrderDetails(OrderAnswer):
    """An order with what it went through."""

    history: list[OrderStateAnswer] = Field(
        description="By `timestamp`, oldest first, the newest 200; late updates are among them."
    )

    @classmethod
    def of(cls, order: OrderRecord, history: Sequence[OrderStateRecord]) -> Self:
        """The answer for one order."""
        present = OrderAnswer.model_validate(order).model_dump()
        states = [OrderStateAnswer.model_validate(state) for state in history]
        return cls(**present, history=states)


class OrderPage(PageAnswer[OrderAnswer]):
    """Orders, the one recorded last first."""
