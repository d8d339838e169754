"""Walks a journey through its drawing, from one durable wait to the next."""

from engine.advance.bookkeeping import advance, end_journey

__all__ = ["advance", "end_journey"]
