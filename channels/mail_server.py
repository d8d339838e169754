"""What is to be known of a mail server, wherever it comes from."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr


class MailServer(Protocol):
    """Where it is, how it is talked to, and whom the mail is from."""

    @property
    def host(self) -> str:
        """Its name or address."""
        ...

    @property
    def port(self) -> int:
        """Its port."""
        ...

    @property
    def username(self) -> str | None:
        """The login, where it asks for one."""
        ...

    @property
    def password(self) -> SecretStr | None:
        """The login's password."""
        ...

    @property
    def tls(self) -> str:
        """`none`, `starttls` or `tls`."""
        ...

    @property
    def ca_file(self) -> str | None:
        """PEM file of the authorities to trust instead of the system's."""
        ...

    @property
    def sender(self) -> str:
        """`Name <local@domain>`."""
        ...

    @property
    def timeout(self) -> float:
        """Seconds for connecting and for each answer."""
        ...

    @property
    def connections(self) -> int:
        """Connections kept open."""
        ...

    @property
    def public_only(self) -> bool:
        """Whether it must be on the public internet, because a workspace named it."""
        ...
