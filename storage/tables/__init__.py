"""All tables, one module a group."""

from storage.tables.activity import Activity, ActivityDelta, EventCount, EventCountMark
from storage.tables.app_messages import AppFeed, AppMessage, VerifiedIdentities
from storage.tables.consent import FrequencyCap, Subscription, Suppression, Topic
from storage.tables.contacts import Contact, Device, Group, GroupMember, Identity
from storage.tables.facts import Event, Fact, FailedFact, Interest, Order
from storage.tables.goals import Conversion
from storage.tables.imports import FileImport, ImportChunk, ImportFault, ImportRow
from storage.tables.journeys import Command, Entry, EntryDecision, Journey, JourneyStep
from storage.tables.launches import Launch
from storage.tables.messages import CaughtMessage, Message, MessageClick
from storage.tables.orders import OrderState
from storage.tables.promo import PromoCode, PromoPool
from storage.tables.providers import MessageDevice, Provider
from storage.tables.tracking import MessageSign, ProviderReport
from storage.tables.users import Invitation, SignInTries, User, UserSession
from storage.tables.workflows import (
    Segment,
    SegmentBackfill,
    SegmentBackfillLane,
    SegmentClearing,
    SegmentClockRow,
    SegmentInstant,
    SegmentMember,
    SegmentStay,
    Template,
    Workflow,
    WorkflowVersion,
)
from storage.tables.workspaces import ApiKey, Workspace

__all__ = [
    "Activity",
    "ActivityDelta",
    "ApiKey",
    "AppFeed",
    "AppMessage",
    "CaughtMessage",
    "Command",
    "Contact",
    "Conversion",
    "Device",
    "Entry",
    "EntryDecision",
    "Event",
    "EventCount",
    "EventCountMark",
    "Fact",
    "FailedFact",
    "FileImport",
    "FrequencyCap",
    "Group",
    "GroupMember",
    "Identity",
    "ImportChunk",
    "ImportFault",
    "ImportRow",
    "Interest",
    "Invitation",
    "Journey",
    "JourneyStep",
    "Launch",
    "Message",
    "MessageClick",
    "MessageDevice",
    "MessageSign",
    "Order",
    "OrderState",
    "PromoCode",
    "PromoPool",
    "Provider",
    "ProviderReport",
    "Segment",
    "SegmentBackfill",
    "SegmentBackfillLane",
    "SegmentClearing",
    "SegmentClockRow",
    "SegmentInstant",
    "SegmentMember",
    "SegmentStay",
    "SignInTries",
    "Subscription",
    "Suppression",
    "Template",
    "Topic",
    "User",
    "UserSession",
    "VerifiedIdentities",
    "Workflow",
    "WorkflowVersion",
    "Workspace",
]
