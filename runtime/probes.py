"""One question to an HTTP address, with nothing but the standard library."""

from __future__ import annotations

import urllib.error
import urllib.request


def answers_ok(url: str, *, timeout: float = 2.0) -> bool:
    """Whether a GET is answered with 200 within `timeout` seconds."""
    # A proxy from the environment is for the outside world, not for this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
