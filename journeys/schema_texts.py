"""What each field of a definition means, in words for the JSON Schema and for error messages.

A text belongs to a field name wherever it occurs, unless one for `Model.field` says it better.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

_TEXTS: Mapping[str, str] = {
    "Definition.name": "What the workflow is called.",
    "Definition.start": "What starts a journey.",
    "Definition.stop": "What stops a journey: any of these, looked for before its start (lookback)"
    " and at every moment after it.",
    "Definition.blocks": "The blocks of the drawing; the first is entered first.",
    "goals": "What the messages are for; counted when it happens in time after one of them.",
    "Goal.name": "What the goal is called.",
    "Goal.event": "The event that reaches it.",
    "Goal.within": "How long after a message (or, for the comparison with the control group, after"
    " the entry) the event still counts.",
    "Goal.value": "The event's property that says what it was worth, such as `total`.",
    "control": "A share of the contacts for whom no journey starts, to compare the others with.",
    "Control.percent": "How many of a hundred.",
    "id": "The block's name within the workflow; keep it from version to version.",
    "kind": "What this is.",
    "next": "The id of the block that comes next; left out, the journey ends there.",
    "then": "The id of the block to go on with if so; left out, the journey ends there.",
    "else": "The id of the block to go on with if not; left out, the journey ends there.",
    "MessageBlock.weight": "How many get `template`, beside the weights of the variants.",
    "MessageBlock.variants": "What others get in its place; one contact always gets the same.",
    "Variant.template": "The key of the template.",
    "Variant.weight": "How many get it, beside the others.",
    "MessageBlock.else": "Where to go on if the message could not be sent; left out, `next`.",
    "BestOfBlock.else": "Where to go on if no message could be sent; left out, `next`.",
    "FirstReachableBlock.else": "Where to go on if no channel reaches the contact.",
    "PromoBlock.else": "Where to go on when the pool is empty.",
    "channel": "By what the message is sent.",
    "template": "The key of a template of this channel.",
    "templates": "The keys of the templates to choose from.",
    "tags": "Tags that the templates to choose from carry.",
    "topic": "The topic that the message belongs to: who unsubscribed from it is passed over.",
    "transactional": "Whether the message is owed to the contact, like a receipt: neither"
    " unsubscribing nor caps nor the workspace's hours keep it back.",
    "allowed_hours": "Local hours in which the message may leave; the workspace's if left out.",
    "AllowedHours.from": "Time of day at which they begin, included.",
    "AllowedHours.to": "Time of day at which they end, not included; 24:00 is the end of the day.",
    "AllowedHours.weekdays": "Days on which they begin; every day if left out.",
    "AllowedHours.otherwise": "What to do outside of them: wait until they begin, skip the message,"
    " or send it all the same.",
    "AllowedHours.spread": "A time, such as PT1H, over which the messages that waited for them to"
    " begin leave evenly; five minutes if left out.",
    "wait": "What to wait for.",
    "Wait.for": "How long to wait, such as PT2H or P1D.",
    "Wait.at": "The local date-time to wait for, such as 2026-12-24T10:00.",
    "Wait.until": "A time of day, or the moment that a field, property or order holds; comes after"
    " `for`.",
    "timezone": "An IANA time zone, or `contact`: the contact's own, else the workspace's.",
    "UntilClock.time": "Time of day, such as 09:00.",
    "weekdays": "Days of the week; every day if left out.",
    "offset": "A duration to move the moment by, such as -P1D for the day before.",
    "if": "The predicate to decide by.",
    "branches": "The ways to go, each with its weight.",
    "weight": "Its share, in proportion to the weights of the others.",
    "timeout": "How long to wait at most.",
    "WaitForBlock.event": "The name of the event to wait for.",
    "WaitForBlock.segment": "The segment whose membership to wait for, in place of an event.",
    "WaitForBlock.message": "What is to become of a message of this workflow, in place of an"
    " event.",
    "WaitedMessage.block": "The block that sends it; of several visits, the latest counts.",
    "WaitedMessage.state": "How far it is to come; a later state does too.",
    "WaitedMessage.link": "For `clicked`: the link, as in the template.",
    "channels": "The channels in the order to try them, each with its template.",
    "set": "Fields to set, each to a value, to a property of the starting event, or to its number"
    " and more ({+: 5}) or less ({-: 5}).",
    "+": "What to add.",
    "-": "What to take away.",
    "unset": "Fields to remove.",
    "add_to": "Static segments to add the contact to.",
    "remove_from": "Static segments to take the contact out of.",
    "EmitBlock.event": "The name of the event to record.",
    "properties": "The event's properties.",
    "pool": "The pool to take a code from.",
    "as": "The name under which templates find the code.",
    "ExitBlock.reason": "Why the journey ends, for those who look at it later.",
    "event": "The name of an event.",
    "events": "The names of events; any of them.",
    "where": "What the properties must be; all of these.",
    "same": "Properties that must equal the starting event's.",
    "lookback": "How far before the start to look for it, such as P1D.",
    "reentry": "Whether a contact may start again.",
    "Reentry.mode": "Once ever, always, or after a time.",
    "Reentry.after": "For mode `after`: the time since the last start.",
    "Reentry.key": "Properties of the starting event; counted per contact and their values.",
    "overlap": "What to do if a journey of this contact (and key) already runs.",
    "FieldChangeStart.field": "The field whose change starts a journey.",
    "FieldChangeStart.from": "The values it changes from; any if left out.",
    "FieldChangeStart.to": "The values it changes to; any if left out.",
    "segment": "The key of a segment.",
    "schedule": "When to start its members: a rhythm, a moment, or `entry` for each who enters.",
    "spread": "A time over which the starts are spread evenly, such as PT1H.",
    "cron": "Five fields: minute, hour, day of the month, month, day of the week.",
    "LaunchSchedule.at": "The local date-time of a single launch.",
    "entry": "Each contact starts as it enters the segment.",
    "LaunchSchedule.timezone": "The IANA time zone of the schedule; the workspace's if left out.",
    "LaunchSchedule.from": "The local date-time before which the rhythm rests.",
    "LaunchSchedule.until": "The local date-time at which the rhythm ends.",
    "bind": "The segment's parameters, each with the property of the event it is bound from.",
    "all": "Predicates that must all be true.",
    "any": "Predicates of which one must be true.",
    "not": "A predicate that must be false.",
    "field": "The name of a field of the contact.",
    "param": "The name of a property of the starting event; dots lead into objects and lists.",
    "ParamCheck.param": "The name of a property; dots lead into objects and lists.",
    "op": "How to compare.",
    "value": "What to compare with; none for `exists` and `missing`.",
    "Count.value": "The number to compare with.",
    "within": "How far back to look, such as P7D, or `journey`: since this journey's start.",
    "times": "How often.",
    "order": "Which orders, and how many.",
    "UntilOrder.order": "An attribute of an order that holds a moment: timestamp, created_at,"
    " updated_at, or one of its items such as items.delivery_at.",
    "status": "Any of these states; every state if left out.",
    "total": "The sum of the orders' totals.",
    "params": "Values for the parameters of a parameterised segment.",
    "message": "Which message, and its state.",
    "MessageQuery.block": "The id of the block that sent it, `last` or `all`.",
    "state": "The state that it has reached.",
    "link": "For `clicked`: the address of one link.",
    "reachable": "The channel by which the contact can be reached.",
    "now": "The present moment.",
    "NowQuery.from": "Time of day from which on, included.",
    "NowQuery.to": "Time of day up to which, not included.",
    "date": "The local date, such as 2026-12-24.",
}


def field_text(model: type[BaseModel] | str, field: str) -> str | None:
    """Tell what a field (by its outside name) of a model (or its name) means."""
    name = model if isinstance(model, str) else model.__name__
    return _TEXTS.get(f"{name}.{field}", _TEXTS.get(field))


def stale_texts(models: Mapping[str, set[str]]) -> set[str]:
    """Find the texts that belong to none of these models' fields."""
    names = {field for fields in models.values() for field in fields}
    names |= {f"{model}.{field}" for model, fields in models.items() for field in fields}
    return set(_TEXTS) - names
