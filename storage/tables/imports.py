"""Imports of files: what was uploaded, how far it is worked through, which lines were refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, text
from sqlmodel import Field

from storage.tables.base import Row, jsonb, utc


class FileImport(Row, table=True):
    """One uploaded file.

    `position` and `line` are moved in the transaction that stores the rows before them, so whoever
    goes on stores none twice. They count UTF-8 text: uploads are decoded while they arrive.
    """

    __tablename__ = "imports"
    __table_args__ = (
        Index("ix_imports_page", "workspace_id", "created_at", "id"),
        Index(
            "uq_imports_request", "workspace_id", "request",
            unique=True, postgresql_where=text("request IS NOT NULL"),
        ),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    kind: str
    """`contacts`, `events` or `orders`."""
    state: str = "receiving"
    """`receiving`, `waiting`, `running`, `completed`, `failed` or `cancelled`."""
    file: str | None = None
    dry_run: bool = False
    backfill: bool = False
    event: str | None = None
    """The name of all events, for a file that has no column for it."""
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    columns: list[dict[str, Any]] = jsonb()
    """`{name, to, type, format, detected}` of each column, in their order."""
    preview: list[dict[str, Any]] = jsonb()
    """The first rows as they are stored."""
    size: int = Field(default=0, sa_type=BigInteger)
    position: int = Field(default=0, sa_type=BigInteger)
    line: int = Field(default=1, sa_type=BigInteger)
    """The line (counted from 1) that begins at `position`."""
    read: int = Field(default=0, sa_type=BigInteger)
    accepted: int = Field(default=0, sa_type=BigInteger)
    rejected: int = Field(default=0, sa_type=BigInteger)
    errors: int = 0
    """How many reasons are kept; there may be more rejected lines than are told one by one."""
    reason: str | None = None
    """Why it failed."""
    request: str | None = None
    """The call's `Idempotency-Key`, once the file is there."""
    digest: bytes | None = Field(default=None, sa_type=LargeBinary)
    """Of the text and of what was said of it, with a `request`: the same key is the same file."""
    refusing: str | None = None
    """The order with too many lines among which `position` lies."""
    created_at: datetime = utc(now=True)
    started_at: datetime | None = utc(nullable=True)
    ended_at: datetime | None = utc(nullable=True)


class ImportChunk(Row, table=True):
    """A part of an upload, kept until the import has ended; all but the last have the same size."""

    __tablename__ = "import_chunks"

    import_id: UUID = Field(foreign_key="imports.id", ondelete="CASCADE", primary_key=True)
    number: int = Field(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary)


class ImportRow(Row, table=True):
    """How often an import has read a row that names no `messageId`; dropped when it has ended."""

    __tablename__ = "import_rows"

    import_id: UUID = Field(foreign_key="imports.id", ondelete="CASCADE", primary_key=True)
    digest: UUID = Field(primary_key=True)
    seen: int


class ImportFault(Row, table=True):
    """What was wrong with a line."""

    __tablename__ = "import_faults"

    import_id: UUID = Field(foreign_key="imports.id", ondelete="CASCADE", primary_key=True)
    number: int = Field(primary_key=True)
    """Counted from 1, in the order of the file."""
    line: int = Field(sa_type=BigInteger)
    column: str | None = None
    value: str | None = None
    reason: str
