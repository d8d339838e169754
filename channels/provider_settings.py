"""What the settings of every kind of provider share, and what an account is opened with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Self, get_args

import orjson
from pydantic import BaseModel, ConfigDict, SecretStr, StringConstraints

NO_URLS: Mapping[str, str] = MappingProxyType({})

OneLine = Annotated[
    str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*$")
]
"""Text that may go into a header or a URL's host: no control characters."""


@dataclass(frozen=True)
class ProviderContext:
    """What the installation, not the workspace, decides.

    `urls` leads to a provider that is not at its public address (a gateway, a test), by its kind.
    """

    public_url: str | None = None
    """Where providers reach this installation's API."""
    hooks_url: str | None = None
    """Where the provider tells this account what became of its messages."""
    private_addresses: bool = False
    """Whether a workspace may name hosts of this installation's own network."""
    urls: Mapping[str, str] = field(default_factory=lambda: NO_URLS)


class ProviderSettings(BaseModel):
    """The settings of one account. Its secret fields are those with `SecretStr` in their type."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    DESTINATION: ClassVar[frozenset[str]] = frozenset()
    """The open fields that decide where the secrets are sent to."""

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """From values as JSON has them. Raises pydantic's ValidationError."""
        return cls.model_validate_json(orjson.dumps(values))

    @classmethod
    def secret_fields(cls) -> frozenset[str]:
        """The fields that are encrypted at rest and never answered."""
        return frozenset(
            name for name, field in cls.model_fields.items() if _is_secret(field.annotation)
        )

    def open_values(self) -> dict[str, Any]:
        """The fields that anybody of the workspace may see, as JSON."""
        values: dict[str, Any] = self.model_dump(mode="json", exclude=set(self.secret_fields()))
        return values

    def secret_values(self) -> dict[str, Any]:
        """The secret fields that are set, in the clear: to be encrypted, never to be shown."""
        found = {name: _revealed(getattr(self, name)) for name in self.secret_fields()}
        return {name: value for name, value in found.items() if value is not None}


def _is_secret(annotation: Any) -> bool:
    return annotation is SecretStr or any(_is_secret(part) for part in get_args(annotation))


def _revealed(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, list | tuple):
        return [_revealed(one) for one in value]
    return value
