"""Pure domain: definitions, predicates, timing, rendering. No I/O, no clock: time is an argument."""
