"""What separates the cells of a file: the character by which its first lines fall into a table.

Trying each one with the reader that reads the file later is right where looking at characters is
not: for text full of commas in a file of semicolons, and for a file of one column.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.imports.records import Dialect, Record, Records

DELIMITERS = ",;\t|"
TRIED = 100
"""Records that are looked at."""


def detect(sample: bytes, *, delimiter: str | None, quote: str | None, whole: bool) -> Dialect:
    """The dialect in which the beginning of a file (UTF-8) looks most like a table.

    `whole`: the sample is all there is.
    """
    quote = quote or ("'" if _singly_quoted(sample) else '"')
    candidates = [Dialect(one, quote) for one in delimiter or DELIMITERS]
    return max(candidates, key=lambda dialect: _fit(sample, dialect, whole=whole))


def beginning(sample: bytes, dialect: Dialect, *, whole: bool) -> Iterator[Record]:
    """The records of a sample; one that is cut off at its end is left out."""
    records = Records(dialect)
    records.feed(sample, last=whole)
    while (record := records.take()) is not None:
        yield record


def _fit(sample: bytes, dialect: Dialect, *, whole: bool) -> tuple[float, int]:
    """How many records are as wide as the first one, and how wide that is."""
    found = beginning(sample, dialect, whole=whole)
    widths = [len(record.cells) for record, _ in zip(found, range(TRIED), strict=False)]
    if not widths or widths[0] < 2:
        return 0, 0
    return round(widths.count(widths[0]) / len(widths), 1), widths[0]


def _singly_quoted(sample: bytes) -> bool:
    """The header begins and ends with a single quote."""
    header = sample[:1000].splitlines()[:1]
    return bool(header) and len(header[0]) > 1 and header[0][:1] == header[0][-1:] == b"'"
