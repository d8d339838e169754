"""Dry runs: what a workflow would do with one contact, told by the walker that does it.

Nothing is written and nothing sent. The contact is read once; from then on only the clock moves,
and what the workflow itself does (updates, emitted events, messages that are sent).
"""
