"""What may be imported, and which columns each kind of file knows by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from engine.imports.cells import CellType

KindName = Literal["contacts", "events", "orders"]
KIND_NAMES: tuple[str, ...] = get_args(KindName)
SUBSCRIPTIONS = "subscriptions."
"""What columns of contacts begin with that say whether they get a topic."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file. Every column that is not built in is custom data."""

    name: KindName
    required: tuple[str, ...]
    aliases: Mapping[str, tuple[str, ...]]
    """Headings (without case and punctuation) of the built-in targets, the best first."""
    types: Mapping[str, CellType]
    prefixes: tuple[str, ...]
    """What custom columns may be written with, and is taken off."""
    into: str = ""
    """What custom columns become a part of, if not simply of the custom data."""

    def plain(self, target: str) -> str:
        """A target as it is kept: `fields.plan` is `plan`."""
        for prefix in self.prefixes:
            if target.lower().startswith(prefix) and len(target) > len(prefix):
                return self.into + target[len(prefix) :]
        return target

    def type_of(self, target: str) -> CellType | None:
        """The only type that the values of a target have; None: any."""
        if self.name == "contacts" and target.startswith(SUBSCRIPTIONS):
            return "boolean"
        return self.types.get(target)

    def custom(self, heading: str) -> str:
        """The target of a column that nobody mapped and that is not built in."""
        plain = self.plain(heading)
        return plain if plain.startswith(self.into) else self.into + plain


_USER = ("userid", "customerid", "contactid", "externalid")
CONTACTS = Kind(
    "contacts",
    ("userId",),
    {
        "userId": (*_USER, "id"),
        "anonymousId": ("anonymousid",),
        "email": ("email", "emailaddress", "mail"),
        "phone": ("phone", "phonenumber", "mobile", "mobilephone", "telephone"),
        "timezone": ("timezone", "tz"),
        "locale": ("locale",),
        "createdAt": ("createdat", "created", "signedupat", "registeredat"),
    },
    {
        "userId": "text", "anonymousId": "text", "email": "text", "phone": "text",
        "timezone": "text", "locale": "text", "createdAt": "date",
    },
    ("fields.", "traits."),
)  # fmt: skip
EVENTS = Kind(
    "events",
    ("event",),
    {
        "userId": _USER,
        "anonymousId": ("anonymousid",),
        "event": ("event", "eventname"),
        "timestamp": ("timestamp", "time", "datetime", "date", "occurredat", "createdat"),
        "messageId": ("messageid",),
    },
    {
        "userId": "text", "anonymousId": "text", "event": "text", "timestamp": "date",
        "messageId": "text",
    },
    ("properties.",),
)  # fmt: skip
ORDERS = Kind(
    "orders",
    ("orderId", "userId", "status"),
    {
        "orderId": ("orderid", "ordernumber", "orderno", "order"),
        "userId": _USER,
        "status": ("status", "orderstatus", "state"),
        "total": ("total", "ordertotal", "grandtotal"),
        "currency": ("currency", "currencycode"),
        "timestamp": ("timestamp", "updatedat", "orderdate", "date", "orderedat", "createdat"),
    },
    {
        "orderId": "text", "userId": "text", "status": "text", "total": "number",
        "currency": "text", "timestamp": "date",
    },
    ("items.", "item.", "item_"),
    "items.",
)  # fmt: skip
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (CONTACTS, EVENTS, ORDERS)}
