"""Connections to hosts that somebody else named, and never into this installation's own network.

A name is resolved once, its addresses are looked at, and the connection goes to one of those: what
was checked is what is connected to, so a name that leads elsewhere a moment later changes nothing.
TLS still asks for a certificate of the name.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore
import httpx

from channels.http_answers import http_client

MAX_TRIED = 4
"""Addresses of one host that are tried in turn."""

Resolve = Callable[[str, int], Awaitable[list[str]]]

_NAT64 = IPv6Network("64:ff9b::/96")


class PrivateAddressError(ValueError):
    """A host leads only into a network that is not public."""


def is_public(address: str) -> bool:
    """Whether an address is one that anybody on the Internet could reach.

    An IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64) is looked at too.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inside = list(_inside(parsed))
    looked_at = inside if parsed in _NAT64 else [parsed, *inside]
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in looked_at)


def _inside(address: IPv4Address | IPv6Address) -> Iterable[IPv4Address]:
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order in which the system would try them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class PublicHosts(httpcore.AsyncNetworkBackend):
    """Opens connections to public addresses alone."""

    def __init__(self, resolve: Resolve = resolve) -> None:
        self._resolve = resolve
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers. Raises PrivateAddressError."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolve(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"the name {host} was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} is unknown") from error
        public = [address for address in addresses if is_public(address)][:MAX_TRIED]
        if not public:
            raise PrivateAddressError(f"the host {host} is not a public one")
        for address in public[:-1]:
            try:
                return await self._backend.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._backend.connect_tcp(
            public[-1], port, timeout, local_address, socket_options
        )

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Never: no outside host is a file of this machine."""
        raise PrivateAddressError("a socket file is not a public host")

    async def sleep(self, seconds: float) -> None:
        """Wait between tries."""
        await asyncio.sleep(seconds)


def public_client(
    *, private_addresses: bool = False, resolve: Resolve = resolve, **options: Any
) -> httpx.AsyncClient:
    """A client for URLs that are not ours; `private_addresses` lifts the check of addresses."""
    client = http_client(**options)
    if not private_addresses:
        transport = client._transport  # noqa: SLF001  (httpx has no way to say how to connect)
        assert isinstance(transport, httpx.AsyncHTTPTransport)
        transport._pool._network_backend = PublicHosts(resolve)  # noqa: SLF001
    return client
