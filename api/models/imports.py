"""Imports of files in requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

import orjson
from pydantic import AfterValidator, BeforeValidator, Field

from api.models.values import Answer, JsonObject, Request, Text
from api.paging import PageAnswer
from engine.imports.cells import CellType
from engine.imports.inspection import Options
from engine.imports.kinds import KindName
from storage.repositories.imports import ImportRecord, ImportState


def _object(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value or "{}")
    except orjson.JSONDecodeError as error:
        raise ValueError(f"is not valid JSON: {error}") from None


def _character(value: str) -> str:
    character = "\t" if value in ("tab", "\\t") else value
    if len(character) != 1 or character in "\r\n\0" or character.isalnum():
        raise ValueError("must be one character that is neither letter nor digit, or `tab`")
    return character


Character = Annotated[Text, AfterValidator(_character)]
Mapping = Annotated[
    JsonObject,
    BeforeValidator(_object),
    Field(
        description="JSON: what columns become, by their headings. A target (`email`, `plan`, "
        "`subscriptions.news` for the topic `news`), "
        'null to leave it out, or `{"to": …, "type": …, "format": …}`, the type being `text`, '
        "`number`, `boolean` or `date`. Columns that are not named here are detected."
    ),
]


class ImportOptions(Request):
    """What may be said of a file; everything has a default, or is found out."""

    kind: KindName = Field(default="contacts", description="What the file holds.")
    mapping: Mapping = Field(default_factory=dict)
    event: Text | None = Field(
        default=None, min_length=1, max_length=200,
        description="The name of all events, where no column holds it.",
    )  # fmt: skip
    dry_run: bool = Field(default=False, description="Check everything, store nothing.")
    backfill: bool = Field(
        default=False, description="The rows are history: they start and stop no journeys."
    )
    delimiter: Character | None = Field(default=None, description="What separates cells.")
    quote: Character | None = Field(default=None, description="What cells are quoted with.")
    encoding: Text | None = Field(default=None, max_length=40, examples=["utf-8", "cp1252"])
    file: Text | None = Field(default=None, max_length=300, description="The file's name.")

    def options(self) -> Options:
        """What reading the file depends on."""
        event = self.event if self.kind == "events" else None
        return Options(self.kind, self.mapping, event, self.delimiter, self.quote, self.encoding)

    def identity(self) -> bytes:
        """What makes imports of the same text different ones."""
        said = self.model_dump(mode="json", exclude={"file", "encoding"})
        return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


class ColumnAnswer(Answer):
    """What a column becomes."""

    column: str
    to: str | None = Field(description="Null: it is left out.")
    type: CellType | None
    format: str | None
    detected: bool = Field(description="Nobody mapped it.")


class RowCounts(Answer):
    """Lines of the file after its header, blank ones not counted."""

    read: int
    accepted: int
    rejected: int


class ImportAnswer(Answer):
    """An import of a file, and how far it is."""

    id: UUID
    kind: KindName
    state: ImportState
    file: str | None
    dry_run: bool
    backfill: bool
    size: int = Field(description="Bytes of the file as UTF-8 text.")
    progress: float = Field(ge=0, le=1, description="The part of the bytes that is done.")
    rows: RowCounts
    errors: int = Field(description="How many errors `/errors` lists, 100,000 at most.")
    encoding: str
    delimiter: str
    mapping: list[ColumnAnswer]
    preview: list[dict[str, Any]] = Field(description="The first rows as they are stored.")
    reason: str | None = Field(description="Why it failed.")
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, record: ImportRecord) -> Self:
        """The answer for an import."""
        return cls(
            **{name: getattr(record, name) for name in _SAME},
            progress=_progress(record),
            rows=RowCounts(read=record.read, accepted=record.accepted, rejected=record.rejected),
            mapping=[
                ColumnAnswer(
                    column=column["name"], to=column["to"], type=column["type"],
                    format=column["format"], detected=column["detected"],
                )
                for column in record.columns
            ],
        )  # fmt: skip


_SAME = (
    "id", "kind", "state", "file", "dry_run", "backfill", "size", "errors", "encoding",
    "delimiter", "preview", "reason", "created_at", "started_at", "ended_at",
)  # fmt: skip


def _progress(record: ImportRecord) -> float:
    if record.state == "completed":
        return 1.0
    return round(record.position / record.size, 4) if record.size else 0.0


class ImportPage(PageAnswer[ImportAnswer]):
    """Imports, the newest first."""
