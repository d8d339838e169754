"""Mass launches: a workflow started for every member of a segment, a page at a time."""
