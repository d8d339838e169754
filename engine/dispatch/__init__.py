"""Turns committed facts into stops and starts, in order per contact."""
