"""Pure domain: definitions, predicates, timing, rendering. No I/O; time is always an argument."""
