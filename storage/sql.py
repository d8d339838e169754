"""SQL text whose common parameters carry their type, so that it need not be cast at each use."""

from __future__ import annotations

from sqlalchemy import TextClause, bindparam, text

from storage.tables.base import UTC_TIME


def statement(sql: str) -> TextClause:
    """`text` in which `:now` is a moment wherever it stands (PostgreSQL cannot infer that)."""
    return text(sql).bindparams(bindparam("now", type_=UTC_TIME))
