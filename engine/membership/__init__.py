"""Who is in which segment: kept up to date by facts, by the clock, and by backfills."""
