"""What each role may do, decided by method and address alone, in one place for all routes.

Everybody reads. A viewer changes nothing; an editor all but users, keys, settings and providers. A
new route is right without a word here, unless it reads by POST or is for owners only.
"""

from __future__ import annotations

from engine.users.roles import Role

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
READING_POSTS = frozenset(
    {
        "/v1/segments/preview",
        "/v1/templates/preview",
        "/v1/workflows/check",
        "/v1/workflows/simulate",
        "/v1/workflows/{ref}/simulate",
    }
)
"""Routes that store and send nothing, and are POST because what they ask about is long."""
OWN = frozenset({"/v1/session", "/v1/session/user"})
"""What a user changes about nobody but themselves: signing out, their name, their password."""
OWNERS = ("/v1/users", "/v1/keys", "/v1/settings", "/v1/providers")
"""Addresses, and all below them, where owners alone change something."""


def refusal(role: Role, method: str, route: str) -> str | None:
    """Why this role may not do that; None when it may. `route` is the address's template."""
    if method in READING_METHODS or route in OWN:
        return None
    if method == "POST" and route in READING_POSTS:
        return None
    if role == "viewer":
        return "You may look at everything but change nothing: your role is viewer."
    if role != "owner" and any(route == one or route.startswith(f"{one}/") for one in OWNERS):
        return f"Only owners change users, keys, settings and providers; your role is {role}."
    return None
