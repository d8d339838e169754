"""Walks a journey through its drawing, from one durable wait to the next."""

from engine.advance.bookkeeping import advance, advance_alone, end_journey

__all__ = ["advance", "advance_alone", "end_journey"]
