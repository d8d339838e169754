"""What the API serves beside its routes: the web app."""

import os

import httpx
import pytest

from api.app import create_app
from runtime.settings import Settings

SCRIPT = "console.log('hello');\n" * 200


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / ".vite").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Sojourn</title>")
    (tmp_path / "icon.svg").write_text("<svg/>")
    (tmp_path / "assets" / "index-Ab12.js").write_text(SCRIPT)
    (tmp_path / ".vite" / "manifest.json").write_text("{}")
    return tmp_path


@pytest.fixture
async def client(folder):
    app = create_app(Settings(builder_dir=folder))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/workflows", "/contacts/ann@example.com", "/workflows/welcome/live"]
)
async def test_the_page_is_at_every_address_of_the_app(client, path):
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "<title>Sojourn</title>" in answer.text


async def test_the_page_is_sent_again_only_when_it_changed(client, folder):
    first = await client.get("/")
    unchanged = await client.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    (folder / "index.html").write_text("<!doctype html><title>Newer</title>")
    os.utime(folder / "index.html", ns=(1, 1))
    changed = await client.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert "Newer" in changed.text


async def test_files_with_a_digest_in_their_name_are_kept_for_ever_and_sent_packed(client):
    answer = await client.get("/assets/index-Ab12.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == SCRIPT
    plain = await client.get("/assets/index-Ab12.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == SCRIPT


async def test_no_other_page_frames_it_and_no_script_but_its_own_runs(client):
    headers = (await client.get("/workflows")).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
    )
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nowhere", "/v1", "/inbox/nowhere/at/all", "/assets/index-old.js", "/favicon.ico",
        "/assets/%2e%2e/secret",
    ],
)  # fmt: skip
async def test_what_is_neither_a_file_nor_the_apps_own_address_is_a_problem(client, path):
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/.vite/manifest.json", "/%2e%2e/secret", "/x/%2e%2e/%2e%2e/secret"]
)
async def test_nothing_outside_the_app_is_sent(client, folder, path):
    (folder.parent / "secret").write_text("secret")
    assert "<title>Sojourn</title>" in (await client.get(path)).text


async def test_routes_of_the_api_come_first(client):
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/v1/openapi.json")).json()["info"]["title"] == "Sojourn"
    assert (await client.get("/v1/track")).status_code == 405
    assert (await client.post("/workflows")).status_code == 404


async def test_until_it_is_built_the_page_says_how_to_build_it(tmp_path):
    app = create_app(Settings(builder_dir=tmp_path / "missing"))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        answer = await client.get("/")
        assert "npm run build" in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert (await client.get("/v1/nowhere")).headers["content-type"] == (
            "application/problem+json"
        )
