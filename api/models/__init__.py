"""Requests and answers of the management API. An answer's fields are always all there."""
