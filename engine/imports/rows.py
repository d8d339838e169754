"""From records to the items that the API takes: what a row of each kind of file says.

The lines of one order may be several rows, if they follow one another: they are one item, with one
of its `items` for each.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from uuid import UUID

from engine.imports import cells
from engine.imports.columns import Column
from engine.imports.kinds import KINDS, SUBSCRIPTIONS, KindName
from engine.imports.records import MAX_RECORD, Dialect, Record, Records

BATCH_LINES = 1000
"""Lines stored in one transaction, more only to have an order whole."""
BATCH_BYTES = 4 * MAX_RECORD
"""Bytes of a file that are stored in one transaction, likewise."""
ORDER_LINES = 1000
"""Lines that one order may have."""
TOO_LONG = f"the order has more than {ORDER_LINES:,} lines, or {BATCH_BYTES // MAX_RECORD} MB"
BETWEEN = 10
"""Lines in the middle of an order that may be unreadable: with more it is no longer one order."""
SHOWN = 200
"""Characters of a refused value that are kept."""
SMALL = 4096
"""Bytes of a record and of the header below which no item can be too large, whatever is in it."""
GUESSED = ", as the first rows of this column are; map it as text to keep it"
_LINE_OF_ORDER = "items."


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line; `column` is None when it is the line as a whole."""

    line: int
    column: str | None
    value: str | None
    reason: str

    @classmethod
    def of(cls, line: int, reason: str, column: str | None = None, value: Any = None) -> Fault:
        """Keep of the value what can be stored and shown."""
        text = None if value is None else str(value)[:SHOWN].replace("\0", "\ufffd")
        return cls(line, column, text, reason)


@dataclass(slots=True)
class Row:
    """One item and the lines it was read from; without faults it may be stored."""

    lines: list[int]
    raw: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are stored together, and the part of the file they are read from."""

    rows: list[Row]
    begin: int
    end: int
    next_line: int
    sized: bool
    """None of them can be larger than an item may be."""
    suspicious: bool
    refusing: str | None = None
    """The order with too many lines that may go on behind it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """All that is needed to read a file."""

    import_id: UUID
    kind: KindName
    columns: Sequence[Column]
    dialect: Dialect
    event: str | None = None


class Batches:
    """Use: `feed`, then `take` until it gives None, then feed more."""

    def __init__(
        self, layout: Layout, *, position: int, line: int, refusing: str | None = None
    ) -> None:
        self._layout = layout
        self._records = Records(layout.dialect, position=position, line=line)
        self._built_in = KINDS[layout.kind].types.keys()
        self._small_header = sum(len(c.name.encode()) for c in layout.columns) < SMALL
        self._begin = self._end = position
        self._next_line = line
        self._rows: list[Row] = []
        self._lines = 0
        self._sized = True
        self._open: tuple[Any, Row] | None = None
        self._opened_at = position
        self._between: list[Row] = []
        """Unreadable lines behind the open order, which may be lines of it."""
        self._refusing = refusing
        self._last = False

    def feed(self, data: bytes, *, last: bool) -> None:
        """Take the next bytes in."""
        self._last = last
        self._records.feed(data, last=last)

    def take(self) -> Batch | None:
        """The next batch; None when more must be fed, or all is read."""
        while (record := self._records.take()) is not None:
            row, key = self._read(record)
            batch = None
            if not self._goes_on(row, key):
                if self._lines >= BATCH_LINES or self._end - self._begin >= BATCH_BYTES:
                    batch = self.rest()
                self._close()
                self._open, self._opened_at = (key, row), self._end
            self._count(record)
            self._limit()
            if batch is not None:
                return batch
        return self.rest() if self._last and (self._open or self._rows) else None

    def _goes_on(self, row: Row, key: Any) -> bool:
        """Whether the row was taken in as a part of the order that is open."""
        if self._refusing is not None and key is not None:
            if _name(key) == self._refusing:
                row.raw, row.faults = {}, [Fault.of(line, TOO_LONG) for line in row.lines]
            else:
                self._refusing = None
            return False
        if self._open is None or self._open[0] is None:
            return False
        if key is None:
            if not row.faults or len(self._between) == BETWEEN:
                return False
            self._between.append(row)
            return True
        if key != self._open[0]:
            return False
        for part in (*self._between, row):
            _join(self._open[1], part)
        self._between = []
        return True

    def _limit(self) -> None:
        """Give up an order that would take too much memory: all of its lines are refused."""
        if self._open is None or self._open[0] is None:
            return
        key, row = self._open
        if len(row.lines) > ORDER_LINES or self._end - self._opened_at > BATCH_BYTES:
            row.raw, row.faults = {}, [Fault.of(line, TOO_LONG) for line in row.lines]
            self._close()
            self._refusing = _name(key)

    def _count(self, record: Record) -> None:
        self._lines += 1
        self._sized = self._sized and record.end - self._end < SMALL and self._small_header
        self._end, self._next_line = record.end, record.next_line

    def _close(self) -> None:
        if self._open is not None:
            self._rows += [self._open[1], *self._between]
            self._open, self._between = None, []

    def rest(self) -> Batch:
        """All that was read and not taken yet, though more may follow."""
        self._close()
        batch = Batch(
            self._rows, self._begin, self._end, self._next_line, self._sized,
            self._records.suspicious, self._refusing,
        )  # fmt: skip
        self._rows, self._lines, self._sized, self._begin = [], 0, True, self._end
        return batch

    def _read(self, record: Record) -> tuple[Row, Any]:
        """The row of a record, and what tells that the next one goes on with it."""
        values, faults = read_cells(self._layout.columns, self._built_in, record)
        if faults:
            row = Row([record.line], {}, faults)
        else:
            row = Row([record.line], _item(self._layout, values))
        if self._layout.kind != "orders" or not values.get("orderId"):
            return row, None
        return row, (values["orderId"], values.get("status"), values.get("timestamp"))


def read_cells(
    columns: Sequence[Column], trimmed: Collection[str], record: Record
) -> tuple[dict[str, Any], list[Fault]]:
    """The values by their targets (empty cells are left out), and what is wrong.

    Spaces around the values of the targets in `trimmed` mean nothing.
    """
    if record.reason is not None:
        return {}, [Fault.of(record.line, record.reason)]
    found, width = record.cells, len(columns)
    if len(found) != width and (len(found) < width or any(found[width:])):
        reason = f"has {len(found)} cells, the header has {width}"
        return {}, [Fault.of(record.line, reason)]
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for column, cell in zip(columns, found, strict=False):
        value = cell.strip() if column.to in trimmed else cell
        if not value or column.to is None or column.type is None:
            continue
        try:
            values[column.to] = cells.read(value, column.type, column.format)
        except ValueError as error:
            hint = GUESSED if column.guessed else ""
            faults.append(Fault.of(record.line, f"{error}{hint}", column.name, value))
    return values, faults


def _item(layout: Layout, values: dict[str, Any]) -> dict[str, Any]:
    built_in = KINDS[layout.kind].types.keys()
    own = {target: value for target, value in values.items() if target in built_in}
    custom = {target: value for target, value in values.items() if target not in built_in}
    match layout.kind:
        case "contacts":
            said = {name: custom.pop(name) for name in [*custom] if name.startswith(SUBSCRIPTIONS)}
            if said:
                own["subscriptions"] = {
                    name.removeprefix(SUBSCRIPTIONS): value for name, value in said.items()
                }
            return {**own, "fields": custom}
        case "events":
            if layout.event is not None:
                own.setdefault("event", layout.event)
            return {"type": "track", **own, "properties": custom}
        case "orders":
            if custom:
                one = {name.removeprefix(_LINE_OF_ORDER): v for name, v in custom.items()}
                return {**own, "items": [one]}
            return own


def _name(key: Any) -> str:
    """An order's key as it is kept with the import."""
    return blake2b(repr(key).encode(), digest_size=16).hexdigest()


def _join(row: Row, more: Row) -> None:
    """Take in another line of the same order."""
    row.lines += more.lines
    row.faults += more.faults
    if "items" in more.raw:
        row.raw.setdefault("items", []).extend(more.raw["items"])
    for name, value in more.raw.items():
        row.raw.setdefault(name, value)
