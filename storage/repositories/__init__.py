"""Queries, one module a group of tables. None commits: the transaction is the caller's."""
