"""URLs that somebody else wrote and this installation calls."""

from __future__ import annotations

import re

import httpx

MAX_URL = 2048

_HOST = re.compile(r"[^\s%/\\@?#<>]{1,253}")


def outside_url(written: str, *, plain_http: bool = False) -> httpx.URL:
    """The URL, which is https (or, if allowed, http), has a host and carries no password.

    Raises ValueError with what is wrong, in words that do not repeat the URL: it may hold a secret.
    """
    if not written.strip():
        raise ValueError("there is no URL")
    if len(written) > MAX_URL:
        raise ValueError(f"the URL is longer than {MAX_URL:,} characters")
    try:
        url = httpx.URL(written.strip())
        host = url.host
    except (httpx.InvalidURL, ValueError) as error:
        raise ValueError("that is no URL") from error
    if url.scheme not in ({"https", "http"} if plain_http else {"https"}):
        raise ValueError("the URL must begin with https://")
    if not host:
        raise ValueError("the URL has no host")
    if not _HOST.fullmatch(host) or not 0 < (url.port or 443) < 65536:
        raise ValueError("that is no URL")
    if url.userinfo:
        raise ValueError("the URL must not hold a user name or a password")
    return url
