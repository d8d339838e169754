"""Lanes, by the name that the engine knows them under; tables are indexed by them in storage."""

from storage.lanes import LANE_SQL, LANES, LOCK_SPACE, lane_of

__all__ = ["LANES", "LANE_SQL", "LOCK_SPACE", "lane_of"]
