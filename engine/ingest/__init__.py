"""From a Segment call to rows: `parsing` checks each item, `plan` decides, `writer` stores.

accepted, rejected = parse_items(batch, envelope)
outcome = await store(connection, workspace_id, accepted, now=now)
"""

from engine.ingest.items import Envelope, Item, Outcome, Rejection
from engine.ingest.parsing import parse_items
from engine.ingest.writer import Stale, store

__all__ = ["Envelope", "Item", "Outcome", "Rejection", "Stale", "parse_items", "store"]
