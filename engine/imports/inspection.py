"""A file's beginning: what separates its cells, and what its columns are.

Everything that makes a file unusable as a whole is told here, before anything is stored of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

import orjson

from engine.imports import dialect as dialects
from engine.imports.columns import SAMPLED, Column, plan_columns
from engine.imports.errors import BadFile
from engine.imports.kinds import KINDS, KindName
from engine.imports.records import Dialect, Records
from engine.imports.rows import Batches, Layout
from journeys.errors import InvalidInput, Issue

PREVIEWED = 5
"""Rows shown as they are stored."""
_SEPARATOR = re.compile(rb"sep=([,;\t|])\r?\n", re.IGNORECASE)
"""A line that spreadsheets write and read."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the sender says of a file; None: find it out."""

    kind: KindName
    mapping: Mapping[str, Any]
    event: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    encoding: str | None = None
    topics: frozenset[str] | None = None
    """What contacts can subscribe to; None: columns are not held against it."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """How to read a file, and where its rows begin."""

    dialect: Dialect
    columns: list[Column]
    preview: list[dict[str, Any]]
    position: int
    line: int


def inspect(import_id: UUID, sample: bytes, options: Options, *, whole: bool) -> Inspection:
    """Look at the beginning of a file (UTF-8; `whole`: all of it).

    Raises BadFile when it is no table, InvalidInput when its columns do not fit.
    """
    named = _SEPARATOR.match(sample)
    start = named.end() if named else 0
    delimiter = options.delimiter or (named[1].decode() if named else None)
    rest = sample[start:]
    dialect = dialects.detect(rest, delimiter=delimiter, quote=options.quote, whole=whole)
    if dialect.delimiter == dialect.quote:
        issue = Issue("$.quote", f"must be another character than the delimiter {dialect.quote}")
        raise InvalidInput("The file cannot be read so.", [issue])
    records = Records(dialect, position=start, line=2 if named else 1)
    records.feed(rest, last=whole)
    header = records.take()
    if header is None:
        raise BadFile("The file is empty." if whole else "The first line is longer than 1 MB.")
    if header.reason is not None:
        raise BadFile(f"Line {header.line}, which must name the columns: {header.reason}.")
    rows = [row.cells for row in islice(iter(records.take, None), SAMPLED) if not row.reason]
    columns = plan_columns(
        KINDS[options.kind], header.cells, rows, options.mapping,
        given=frozenset({"event"} if options.event else ()), topics=options.topics,
    )  # fmt: skip
    layout = Layout(import_id, options.kind, columns, dialect, options.event)
    preview = _preview(layout, sample[header.end :], header.end, header.next_line, whole=whole)
    return Inspection(dialect, columns, preview, header.end, header.next_line)


def _preview(
    layout: Layout, sample: bytes, position: int, line: int, *, whole: bool
) -> list[dict[str, Any]]:
    batches = Batches(layout, position=position, line=line)
    batches.feed(sample, last=whole)
    batch = batches.take() or batches.rest()
    shown = [row.raw for row in batch.rows if not row.faults]
    return [raw for raw in shown if b"\\u0000" not in orjson.dumps(raw)][:PREVIEWED]
