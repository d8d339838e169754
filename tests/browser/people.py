"""Who signs in in these tests: one person of each role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from playwright.async_api import Browser

from tests.stack.conftest import Dev

PASSWORD = "correct horse battery"


@dataclass
class Person:
    name: str
    email: str

    async def sign_in(self, browser: Browser, stack: Dev) -> Any:
        """Begin a session; answers its cookies."""
        context = await browser.new_context(base_url=stack.info["api"])
        answer = await context.request.post(
            "/v1/session", data={"email": self.email, "password": PASSWORD}
        )
        assert answer.ok, await answer.text()
        state = await context.storage_state()
        await context.close()
        return state


def let_in(stack: Dev, api: httpx.Client) -> dict[str, Person]:
    """Follow the link of the first start as the owner, and invite the others."""
    people = {
        role: Person(f"{name} {role.title()}", f"{role}@example.com")
        for role, name in (("owner", "Olivia"), ("editor", "Emil"), ("viewer", "Vera"))
    }
    for role, person in people.items():
        link = stack.info["welcome"] if role == "owner" else _invitation(api, person.email, role)
        accept(api, link, person)
    return people


def accept(api: httpx.Client, link: str, person: Person) -> None:
    """Follow a one-time link without a browser."""
    path = f"/v1/invitations/{link.rsplit('/', 1)[1]}"
    named = api.get(path).raise_for_status().json()["email"] is not None
    body = {"name": person.name, "password": PASSWORD}
    answer = api.post(path, json=body if named else body | {"email": person.email})
    assert answer.status_code < 300, answer.text


def _invitation(api: httpx.Client, email: str, role: str) -> str:
    answer = api.post("/v1/users", json={"email": email, "role": role})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["link"])
