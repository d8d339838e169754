"""Predicates compiled to SQL.

`compile_predicate` makes a boolean expression over a row of `contacts`: one contact, a page of them
and a whole segment differ only by the filter beside it. `compile_filter` is the same for a WHERE
that finds all of them. `prepare` keeps it as a statement for one contact. `changes_at` tells when
the answer can change by the passing of time alone. The rules are those of `docs/predicates.md`.
"""

from storage.predicate_sql.changes import changes_at
from storage.predicate_sql.compiler import (
    PreparedPredicate,
    compile_filter,
    compile_predicate,
    prepare,
)
from storage.predicate_sql.context import SegmentSource, SqlContext, load_segments

__all__ = [
    "PreparedPredicate",
    "SegmentSource",
    "SqlContext",
    "changes_at",
    "compile_filter",
    "compile_predicate",
    "load_segments",
    "prepare",
]
