"""Keys in paths and bodies: what a PUT may make, and that nothing is ever renamed."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from api.models.values import Key
from journeys.errors import DomainError, InvalidInput, Issue
from storage.repositories.refs import as_uuid

_KEY: TypeAdapter[str] = TypeAdapter(Key)


def keep_key(given: str | None, present: str) -> None:
    """Refuse a body that would rename what it is sent to."""
    if given is not None and given != present:
        raise InvalidInput(
            "A key cannot be changed: other things refer to it.",
            [Issue("$.key", f"must be {present!r}, or be left out")],
        )


def key_for_put(ref: str, given: str | None, *, missing: DomainError) -> str:
    """The key that a PUT to an unused `ref` makes.

    Raises `missing` when `ref` is an id, and InvalidInput when it is no key either.
    """
    if as_uuid(ref) is not None:
        raise missing
    try:
        key = _KEY.validate_python(ref)
    except ValidationError:
        raise InvalidInput(
            f"{ref!r} is not a key.",
            [Issue("$.path.ref", "a key has letters, digits, '-' and '_', at most 100")],
        ) from None
    keep_key(given, key)
    return key
