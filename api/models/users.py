"""Users and signing in, in requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from api.models.values import Answer, Name, Request, Text
from channels.addresses import mail_address
from engine.users.passwords import LONGEST, SHORTEST
from engine.users.roles import Role


def _address(given: str) -> str:
    address = mail_address(given)
    if address is None:
        raise ValueError("must be a mail address, such as ada@example.com")
    return address.lower()


Email = Annotated[
    Text, Field(max_length=300, examples=["ada@example.com"]), AfterValidator(_address)
]
"""A mail address; upper and lower case are the same."""
NewPassword = Annotated[
    Text,
    Field(
        min_length=SHORTEST,
        max_length=LONGEST,
        description=f"At least {SHORTEST} characters, of any kind.",
    ),
]


class SignIn(Request):
    """An address and a password."""

    email: Annotated[Text, Field(max_length=300)]
    password: Annotated[Text, Field(max_length=LONGEST)]


class SessionUserAnswer(Answer):
    """Who is signed in."""

    id: UUID
    email: str
    name: str
    role: Role


class SessionWorkspace(Answer):
    """Where."""

    id: UUID
    name: str
    timezone: str


class SessionAnswer(Answer):
    """The session: who, where, and what its changing requests must carry."""

    user: SessionUserAnswer
    workspace: SessionWorkspace
    csrf_token: str = Field(
        description="Goes into the header `X-CSRF-Token` of each request that is not a GET."
    )


class OwnChange(Request):
    """What users change about themselves."""

    name: Name | None = None
    password: NewPassword | None = None
    current_password: Annotated[
        Text | None, Field(max_length=LONGEST, description="Needed with `password`.")
    ] = None

    @model_validator(mode="after")
    def _knows_the_old_one(self) -> OwnChange:
        if self.password is not None and self.current_password is None:
            raise ValueError("a new `password` needs the `current_password`")
        return self


class CompanyLogin(Answer):
    """The button that leads to a company's own sign-in page."""

    name: str
    url: str


class SignInAnswer(Answer):
    """By which ways one may sign in here."""

    password: bool
    oidc: CompanyLogin | None
    first_start: bool = Field(
        description="Nobody can sign in yet: open the link that the program printed at its start."
    )


class InvitationAnswer(Answer):
    """What a one-time link is for."""

    email: str | None = Field(description="None: the first user chooses.")
    name: str
    role: Role


class TakeUp(Request):
    """How the user of a one-time link wants to be called and to sign in from now on."""

    email: Email | None = Field(None, description="Needed where the invitation names none.")
    name: Name
    password: NewPassword


class UserAnswer(Answer):
    """A user."""

    id: UUID
    email: str
    name: str
    role: Role
    state: Literal["active", "invited"]
    created_at: datetime
    last_seen_at: datetime | None


class UserList(Answer):
    """All users of the workspace, the oldest first."""

    data: list[UserAnswer]


class UserInvite(Request):
    """Whom to invite."""

    email: Email
    role: Role = Field(
        description="`viewer` changes nothing, `editor` all but users, keys and settings, "
        "`owner` everything."
    )


class UserInvited(Answer):
    """The user, and the link to send, which is shown this once."""

    user: UserAnswer
    link: str


class UserChange(Request):
    """What to change; what is left out stays."""

    role: Role | None = None
    name: Name | None = None
