"""What there is to choose from: names of events and fields, their types and values."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.management import ManagementRoute
from api.models.catalogue import (
    DayCount,
    EventDetail,
    EventList,
    EventVolumeAnswer,
    FieldAnswer,
    FieldList,
    PropertyAnswer,
    ValueAnswer,
    ValueList,
)
from api.models.problem import ALWAYS, problems
from api.models.values import Text
from engine.catalogue import STANDARD_FIELDS, Profile, common_values, profiles
from journeys.errors import InvalidInput, Issue, NotFound
from storage.repositories import event_counts, samples

router = APIRouter(
    prefix="/v1/catalogue", tags=["catalogue"], route_class=ManagementRoute, responses=ALWAYS
)
Prefix = Annotated[Text, Query(max_length=200, description="What it begins with.")]
MOST_VALUES = 20


@router.get("/events", summary="List names of events")
async def list_event_names(
    connection: Transaction, workspace: WorkspaceId, now: Now, prefix: Prefix = ""
) -> EventList:
    """Every name of which there are events (the first 500), and how many were received of late.

    Volumes are by receipt, exact to the hour.
    """
    found = await event_counts.volumes(connection, workspace, prefix=prefix, now=now)
    return EventList(data=[EventVolumeAnswer.model_validate(one) for one in found])


@router.get("/events/{name:path}", summary="Describe an event", responses=problems(404))
async def get_event_name(
    connection: Transaction,
    workspace: WorkspaceId,
    now: Now,
    name: Annotated[Text, Path(max_length=500, description="The event's name.")],
) -> EventDetail:
    """The properties of the newest thousand of this name, and how many came on each day."""
    sample = await samples.event_properties(connection, workspace, name)
    if not sample:
        raise NotFound(f"There is no event {name!r} in this workspace.")
    days = await event_counts.days(connection, workspace, name, now=now)
    return EventDetail(
        name=name,
        properties=[_property(profile, len(sample)) for profile in profiles(sample)],
        days=[DayCount(at=at, count=count) for at, count in days],
    )


@router.get("/fields", summary="List fields of contacts")
async def list_fields(
    connection: Transaction, workspace: WorkspaceId, prefix: Prefix = ""
) -> FieldList:
    """The contacts' own fields, then the custom ones of a sample of a thousand and more."""
    people = await samples.contact_fields(connection, workspace)
    total = max(len(people), 1)
    own = {profile.name: profile for profile in profiles(built_in for built_in, _ in people)}
    standard = [
        FieldAnswer(
            name=name,
            type=type_,
            examples=[] if type_ == "date" else own[name].examples if name in own else [],
            share=own[name].seen / total if name in own else 0.0,
            standard=True,
        )
        for name, type_ in STANDARD_FIELDS.items()
    ]
    custom = [
        FieldAnswer(**dict(_property(profile, total)), standard=False)
        for profile in profiles(fields for _, fields in people)
    ]
    wanted = prefix.casefold()
    fitting = [one for one in (*standard, *custom) if one.name.casefold().startswith(wanted)]
    return FieldList(data=fitting)


@router.get("/values", summary="List values")
async def list_values(
    connection: Transaction,
    workspace: WorkspaceId,
    field: Annotated[
        Text | None, Query(min_length=1, max_length=500, description="A field of contacts.")
    ] = None,
    event: Annotated[
        Text | None, Query(min_length=1, max_length=500, description="An event's name.")
    ] = None,
    param: Annotated[
        Text | None, Query(min_length=1, max_length=500, description="A property of the event.")
    ] = None,
    prefix: Prefix = "",
) -> ValueList:
    """The commonest values of a field, or of an event's property, in a sample."""
    if (field is None) == (event is None) or (event is None) != (param is None):
        raise InvalidInput(
            "What is asked for is not clear.",
            [Issue("$.query.field", "give either 'field', or both 'event' and 'param'")],
        )
    if event is not None:
        sample = await samples.event_properties(connection, workspace, event)
        found = common_values(sample, param or "", prefix, MOST_VALUES)
    else:
        people = await samples.contact_fields(connection, workspace)
        sides = [built_in if field in STANDARD_FIELDS else custom for built_in, custom in people]
        found = common_values(sides, field or "", prefix, MOST_VALUES)
    return ValueList(data=[ValueAnswer(value=value, count=count) for value, count in found])


def _property(profile: Profile, total: int) -> PropertyAnswer:
    return PropertyAnswer(
        name=profile.name,
        type=profile.type,
        examples=profile.examples,
        share=profile.seen / total,
    )
