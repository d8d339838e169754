"""Which requests for a link or a pixel come from programs, told from the request alone.

Mail is looked at by many programs before, or without, any person: proxies that load its images in
advance, scanners that follow its links, previews of chats. Each has a name here, under which its
signs are kept; they move no message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

APPLE = "Mozilla/5.0"
"""All that Apple's Mail Privacy Protection says; it loads images whether mail is read or not."""

_PROXIES = (
    ("google_proxy", re.compile(r"GoogleImageProxy|ggpht\.com", re.IGNORECASE)),
    ("yahoo_proxy", re.compile(r"YahooMailProxy|YahooCacheSystem", re.IGNORECASE)),
    ("image_proxy", re.compile(r"image-?proxy|mail-?proxy|camo asset proxy", re.IGNORECASE)),
)
_PROGRAMS = (
    ("headless", re.compile(r"Headless|PhantomJS|Puppeteer|Playwright|Selenium", re.IGNORECASE)),
    (
        "scanner",
        re.compile(
            r"proofpoint|barracuda|mimecast|forcepoint|symantec|messagelabs|fireeye|trendmicro"
            r"|trellix|bitdefender|sophos|safelinks|safebrowsing|google-safety|urlscan|virustotal"
            r"|linkcheck|securityscan|scanner",
            re.IGNORECASE,
        ),
    ),
    (
        "preview",
        re.compile(
            r"facebookexternalhit|slackbot|slack-imgproxy|whatsapp|telegrambot|twitterbot"
            r"|linkedinbot|discordbot|skypeuripreview|bingpreview|embedly|vkshare|preview"
            r"|Existence Discovery|Protocol Discovery",
            re.IGNORECASE,
        ),
    ),
    ("bot", re.compile(r"(?<!cu)bot\b|crawler|spider|slurp|archiver", re.IGNORECASE)),
    (
        "program",
        re.compile(
            r"^(curl|wget|python|go-http-client|java|apache-httpclient|libwww|lwp|axios"
            r"|node-fetch|undici|ruby|php|guzzle|httpx|aiohttp|postman|insomnia|winhttp"
            r"|microsoft url control)",
            re.IGNORECASE,
        ),
    ),
)
_PREFETCH = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)
_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")


def machine_of(method: str, headers: Mapping[str, str], *, image: bool) -> str | None:
    """The name of the program that asks; None for what may be a person.

    `headers` are looked up by names in lower case. `image`: it asks for the pixel, not for a link.
    """
    if method != "GET":
        return method.lower()
    if any(_PREFETCH.search(headers.get(name, "")) for name in _PURPOSES):
        return "prefetch"
    agent = headers.get("user-agent", "").strip()
    if not agent:
        return "nameless"
    if agent == APPLE:
        return "apple_proxy" if image else "scanner"
    known = (*_PROXIES, *_PROGRAMS) if image else (*_PROGRAMS, *_PROXIES)
    return next((name for name, pattern in known if pattern.search(agent)), None)
