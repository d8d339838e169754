"""Orders, to read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.auth import WorkspaceId
from api.dependencies import Transaction
from api.filters import ContactRef, contact_filter
from api.models.orders import OrderAnswer, OrderDetails, OrderPage
from api.models.problem import ALWAYS, problems
from api.models.values import Text
from api.paging import Paging
from journeys.errors import NotFound
from journeys.predicates import OrderStatus
from storage.repositories import orders as repository
from storage.repositories.keyset import Page
from storage.repositories.orders import OrderFilter

HISTORY = 200
"""Updates of one order that are shown, the newest."""

router = APIRouter(prefix="/v1/orders", tags=["orders"], responses=ALWAYS)


@router.get("", summary="List orders")
async def list_orders(
    connection: Transaction,
    workspace: WorkspaceId,
    page: Paging,
    contact: ContactRef = None,
    status: Annotated[OrderStatus | None, Query()] = None,
) -> OrderPage:
    """The one recorded last first; all that is given must hold."""
    contact_id = await contact_filter(connection, workspace, contact)
    if contact and not contact_id:
        return OrderPage.of(Page([], None), OrderAnswer.model_validate)
    filter_ = OrderFilter(contact_id, status)
    found = await repository.list_orders(connection, workspace, page, filter_)
    return OrderPage.of(found, OrderAnswer.model_validate)


@router.get("/{orderId:path}", summary="Read an order", responses=problems(404))
async def get_order(
    connection: Transaction,
    workspace: WorkspaceId,
    order_id: Annotated[Text, Path(alias="orderId", description="The app's own id of the order.")],
) -> OrderDetails:
    """The order with this `orderId`, and the updates of it that were sent."""
    record = await repository.find_order(connection, workspace, order_id)
    if record is None:
        raise NotFound(f"There is no order {order_id!r} in this workspace.")
    history = await repository.order_history(connection, record.id, limit=HISTORY)
    return OrderDetails.of(record, history)
