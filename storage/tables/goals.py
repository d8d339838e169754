"""Goals that were reached."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, Numeric
from sqlmodel import Field

from storage.tables.base import Row, utc


class Conversion(Row, table=True):
    """An event that reached a goal of a workflow; once for each, whatever is looked at again.

    `message_id` is the latest message of the workflow that the contact got before it, and
    `journey_id` its journey; `entered_at` is when the contact's latest start was decided on, and
    `control` whether it was held back then. Either may be missing, not both.
    """

    __tablename__ = "conversions"
    __table_args__ = (
        Index("ix_conversions_workflow", "workflow_id", "at"),
        Index("ix_conversions_contact", "contact_id"),
    )

    workflow_id: UUID = Field(foreign_key="workflows.id", ondelete="CASCADE", primary_key=True)
    goal: str = Field(primary_key=True)
    event_id: UUID = Field(primary_key=True)
    contact_id: UUID | None = Field(foreign_key="contacts.id", ondelete="SET NULL")
    """Null once the contact is erased; what it did stays counted."""
    at: datetime = utc()
    message_id: UUID | None = None
    journey_id: UUID | None = None
    block: str | None = None
    template: str | None = None
    entered_at: datetime | None = utc(nullable=True)
    control: bool = False
    value: Decimal | None = Field(default=None, sa_type=Numeric)
    currency: str | None = None
