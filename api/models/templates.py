"""Templates in requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from api.models.values import Answer, JsonObject, Key, Name, Request, Text, UtcTime
from api.models.workflows import WorkflowState
from api.paging import PageAnswer
from journeys.predicates import Channel

PARTS = (
    "subject", "html", "mjml", "text", "title", "body", "link", "data", "tracking",
    "image", "sound", "badge", "collapse_id",
    "layout", "buttons", "trigger", "frequency", "expires", "locale", "locales",
)  # fmt: skip


class VariantParts(Request):
    """The parts of a message, in Liquid. Which ones a template has depends on its channel."""

    subject: Text | None = Field(default=None, examples=["Welcome, {{ contact.first_name }}"])
    html: Text | None = None
    mjml: Text | None = None
    text: Text | None = None
    title: Text | None = None
    body: Text | None = None
    link: Text | None = None
    data: JsonObject | None = None
    tracking: JsonObject | None = Field(
        default=None,
        description="For mail: what to do otherwise than the workspace's `tracking` says.",
        examples=[{"opens": False, "utm": {"source": "sojourn", "campaign": "winter"}}],
    )
    image: Text | None = Field(default=None, description="Address of an image, by https.")
    sound: Text | None = Field(default=None, examples=["default"])
    badge: Text | None = Field(default=None, description="The number at the app's icon.")
    collapse_id: Text | None = Field(
        default=None, description="Pushes with the same one replace each other on the device."
    )
    layout: Text | None = Field(default=None, examples=["banner", "modal", "fullscreen"])
    buttons: list[JsonObject] | None = Field(
        default=None, examples=[[{"label": "Try it", "link": "myapp://offer"}]]
    )
    trigger: JsonObject | None = Field(
        default=None, examples=[{"on": "time_in_app", "after": "PT30S"}]
    )
    frequency: Text | None = Field(default=None, examples=["once", "session", "PT6H"])
    expires: Text | None = Field(default=None, examples=["P7D"])


class TemplateParts(VariantParts):
    """The parts of a message, and the variants that contacts of other languages get."""

    locale: Text | None = Field(
        default=None,
        examples=["en"],
        description="The language of the parts themselves; plurals and dates follow it.",
    )
    locales: dict[Text, VariantParts] | None = Field(
        default=None,
        examples=[{"de": {"subject": "Willkommen"}, "pt-BR": {"subject": "Bem-vindo"}}],
        description="Variants by language. A contact gets the one for its `locale`, else that of"
        " the language (`de` for `de-AT`), else the default; a variant's missing parts are"
        " the default's.",
    )

    def content(self) -> dict[str, Any]:
        """The parts that were given."""
        given = {part: value for part in PARTS if (value := getattr(self, part)) is not None}
        if self.locales is not None:
            given["locales"] = {
                name: variant.model_dump(exclude_none=True)
                for name, variant in self.locales.items()
            }
        return given


class TemplateCreate(TemplateParts):
    """A new template."""

    key: Key
    channel: Channel


class TemplateSave(TemplateParts):
    """The whole content; a part that is left out is removed."""

    key: Key | None = Field(default=None, description="A template keeps its key.")
    channel: Channel | None = Field(
        default=None, description="A template keeps its channel; needed when it is made by PUT."
    )
    updated_at: UtcTime | None = Field(
        default=None,
        description="When the template that was edited had been saved; if it was saved again since "
        "then, nothing is changed (409).",
    )


class TemplateChange(TemplateParts):
    """The parts to change; null removes one."""


class TemplateAnswer(Answer):
    """A template. Parts that its channel does not use, or that it has not, are null."""

    id: UUID
    key: str
    channel: Channel
    subject: str | None
    html: str | None
    mjml: str | None
    text: str | None
    title: str | None
    body: str | None
    link: str | None
    data: dict[str, Any] | None
    tracking: dict[str, Any] | None
    image: str | None
    sound: str | None
    badge: str | None
    collapse_id: str | None
    layout: str | None
    buttons: list[dict[str, Any]] | None
    trigger: dict[str, Any] | None
    frequency: str | None
    expires: str | None
    locale: str | None
    locales: dict[str, dict[str, Any]] | None
    created_at: datetime
    updated_at: datetime


class TemplatePage(PageAnswer[TemplateAnswer]):
    """Templates, newest first."""


class UnsavedTemplate(TemplateParts):
    """A template that need not be stored."""

    channel: Channel


class PreviewRequest(Request):
    """What to render, and for whom."""

    template: Name | UnsavedTemplate = Field(
        description="The id or key of a stored template, or a template itself."
    )
    user_id: Name | None = Field(
        default=None,
        alias="userId",
        description="The contact's `userId` or id; without one, `contact` is empty.",
    )
    event: JsonObject | None = Field(
        default=None, description="The starting event's properties, as `event` in the template."
    )
    order: JsonObject | None = Field(default=None, description="`order` in the template.")
    locale: Name | None = Field(
        default=None,
        examples=["de-AT"],
        description="As if this were the contact's `locale`.",
    )


class TestMessageRequest(PreviewRequest):
    """What to send, rendered for whom, and where to."""

    __test__ = False  # (pytest)

    to: Name = Field(
        description="The only address that it goes to: an email address, or a phone number for SMS."
    )


class TestMessageAnswer(Answer):
    """A test message that the provider took."""

    __test__ = False  # (pytest)

    channel: Channel
    to: str
    subject: str | None = Field(description="As it was sent, with the mark of a test.")
    missing: list[str] = Field(
        description="What the template prints although this contact or event has no such data."
    )


class TemplateUse(Answer):
    """A workflow that may send a template."""

    key: str
    name: str
    state: WorkflowState


class TemplateUses(Answer):
    """The workflows that may still send a template, by name."""

    data: list[TemplateUse]


class GapAnswer(Answer):
    """Data that is not there, and where it is printed."""

    path: str = Field(examples=["contact.first_name"])
    part: str = Field(examples=["subject"])
    line: int | None


class WarningAnswer(Answer):
    """What may look wrong to some contact."""

    path: str = Field(examples=["$.subject"])
    message: str


class PreviewAnswer(Answer):
    """The message as this contact would get it."""

    channel: Channel
    subject: str | None
    html: str | None
    text: str | None
    title: str | None
    body: str | None
    link: str | None
    image: str | None
    sound: str | None
    badge: str | None
    collapse_id: str | None
    display: dict[str, Any] = Field(
        description="Of a message in the app: layout, buttons, trigger, frequency, expires."
    )
    data: dict[str, Any]
    missing: list[str] = Field(
        description="What the template prints although this contact or event has no such data."
    )
    gaps: list[GapAnswer] = Field(description="The same, with each place.")
    warnings: list[WarningAnswer] = Field(
        description="Fields that print nothing for contacts without them, and blanks before commas."
    )
    locale: str | None = Field(description="The variant that was rendered; null for the default.")
