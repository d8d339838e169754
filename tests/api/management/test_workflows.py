"""Drafts: checked as a whole, and never saved over somebody else's."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest

from tests.api.management.drawings import EMAIL, definition, published, sending
from tests.api.management.rows import contact, journey


async def test_a_workflow_is_made_read_and_listed_as_a_draft(api):
    made = await api("POST", "/v1/workflows", 201, json={"key": "hi", "definition": definition()})
    assert made["state"] == "draft"
    assert made["version"] is None
    assert made["revision"] == 1
    assert made["name"] == "Welcome"
    assert made["definition"] == definition()
    assert await api("GET", "/v1/workflows/hi") == made
    assert await api("GET", f"/v1/workflows/{made['id']}") == made
    listed = await api("GET", "/v1/workflows")
    assert [one["key"] for one in listed["data"]] == ["hi"]
    assert "definition" not in listed["data"][0]
    assert listed["next"] is None


async def test_a_key_in_use_is_refused(api):
    body = {"key": "hi", "definition": definition()}
    await api("POST", "/v1/workflows", 201, json=body)
    problem = await api("POST", "/v1/workflows", 409, json=body)
    assert "'hi'" in problem["detail"]


@pytest.mark.parametrize(
    "key",
    ["", "with space", "a/b", "é", "x" * 101, "3b241101-e2bb-4255-8caf-4136c566a962", 7, None],
)
async def test_a_key_that_is_none_is_refused(api, key):
    body = {"key": key, "definition": definition()}
    problem = await api("POST", "/v1/workflows", 422, json=body)
    assert problem["errors"][0]["path"] == "$.key"


async def test_the_definition_is_checked_as_a_whole_with_json_paths(api):
    wrong = sending("nowhere") | {"stopp": []}
    problem = await api("POST", "/v1/workflows", 422, json={"key": "hi", "definition": wrong})
    assert any("stopp" in issue["path"] + issue["message"] for issue in problem["errors"])
    problem = await api(
        "POST", "/v1/workflows", 422, json={"key": "hi", "definition": sending("nowhere")}
    )
    assert [issue["path"] for issue in problem["errors"]] == ["$.blocks[0].template"]
    assert (await api("GET", "/v1/workflows"))["data"] == []


async def test_a_template_of_another_workspace_is_unknown(api, stranger):
    await stranger("POST", "/v1/templates", 201, json={"key": "theirs", **EMAIL})
    await api("POST", "/v1/workflows", 422, json={"key": "hi", "definition": sending("theirs")})
    await stranger(
        "POST", "/v1/workflows", 201, json={"key": "hi", "definition": sending("theirs")}
    )


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "nul \x00"},
        {"name": "lone \ud800"},
        {"blocks": []},
        {"blocks": "none"},
        {"start": None},
    ],
)
async def test_what_cannot_be_stored_or_is_no_definition_is_refused(api, bad):
    body = json.dumps({"key": "hi", "definition": definition() | bad})
    answer = await api.raw(
        "POST", "/v1/workflows", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 422}, answer.text


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 422),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"key": "hi"}', "application/json", 422),
        (b'{"key": "hi", "definition": {}, "colour": 1}', "application/json", 422),
        (b"key=hi", "application/x-www-form-urlencoded", 415),
        (b"\xff\xfe", "application/json", 400),
        (b'{"key": "' + b"x" * 1_100_000 + b'"}', "application/json", 413),
    ],
)
async def test_a_body_that_is_none_is_refused(api, body, content_type, status):
    headers = {"Content-Type": content_type}
    await api("POST", "/v1/workflows", status, content=body, headers=headers)


async def test_a_deeply_nested_definition_is_refused(api):
    deep = {"field": "plan", "op": "=", "value": "x"}
    for _ in range(400):
        deep = {"not": deep}
    blocks = [{"id": "if", "kind": "condition", "if": deep}]
    body = {"key": "hi", "definition": definition(blocks=blocks)}
    await api("POST", "/v1/workflows", 422, json=body)


async def test_the_outer_name_goes_into_the_definition(api):
    body = {"key": "hi", "name": "Other", "definition": definition()}
    made = await api("POST", "/v1/workflows", 201, json=body)
    assert made["name"] == made["definition"]["name"] == "Other"
    changed = await api("PATCH", "/v1/workflows/hi", json={"name": "Third"})
    assert changed["name"] == changed["definition"]["name"] == "Third"
    assert changed["definition"]["blocks"] == definition()["blocks"]


async def test_a_draft_saved_meanwhile_is_not_overwritten(api):
    made = await api("POST", "/v1/workflows", 201, json={"key": "hi", "definition": definition()})
    mine = {"definition": definition("Mine"), "revision": made["revision"]}
    saved = await api("PUT", "/v1/workflows/hi", json=mine)
    assert saved["revision"] == 2
    theirs = {"definition": definition("Theirs"), "revision": made["revision"]}
    problem = await api("PUT", "/v1/workflows/hi", 409, json=theirs)
    assert "revision 2" in problem["detail"]
    await api("PATCH", "/v1/workflows/hi", 409, json={"name": "Theirs", "revision": 1})
    assert (await api("GET", "/v1/workflows/hi"))["name"] == "Mine"


async def test_if_match_guards_a_draft_as_the_revision_does(api):
    await api("POST", "/v1/workflows", 201, json={"key": "hi", "definition": definition()})
    answer = await api.raw("GET", "/v1/workflows/hi")
    etag = {"If-Match": answer.headers["etag"]}
    await api("PUT", "/v1/workflows/hi", json={"definition": definition("Mine")}, headers=etag)
    await api("PUT", "/v1/workflows/hi", 409, json={"definition": definition()}, headers=etag)
    await api("POST", "/v1/workflows/hi/publish", 409, headers=etag)
    await api("POST", "/v1/workflows/hi/publish", 422, headers={"If-Match": "yesterday"})
    await api(
        "PUT", "/v1/workflows/hi", json={"definition": definition()}, headers={"If-Match": "*"}
    )


async def test_of_two_that_save_at_once_only_one_wins(api):
    await api("POST", "/v1/workflows", 201, json={"key": "hi", "definition": definition()})
    answers = await asyncio.gather(
        *(
            api.raw("PUT", "/v1/workflows/hi", json={"definition": definition(n), "revision": 1})
            for n in "abcdef"
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]


async def test_put_makes_a_workflow_under_an_unused_key_and_only_there(api):
    made = await api("PUT", "/v1/workflows/hi", 201, json={"definition": definition()})
    assert made["key"] == "hi"
    await api("PUT", "/v1/workflows/hi", json={"definition": definition("Again"), "key": "hi"})
    await api("PUT", "/v1/workflows/hi", 422, json={"definition": definition(), "key": "other"})
    unknown = "/v1/workflows/3b241101-e2bb-4255-8caf-4136c566a962"
    await api("PUT", unknown, 404, json={"definition": definition()})
    await api("PUT", "/v1/workflows/no%20key", 422, json={"definition": definition()})
    await api("PUT", "/v1/workflows/gone", 409, json={"definition": definition(), "revision": 3})


YAML_FILE = b"""
# A file as it lies in git.
name: Welcome
start: {kind: event, event: Signed Up}
blocks:
  - {id: wait, kind: timer, wait: {for: P1D}, next: bye}
  - {id: bye, kind: exit}
"""
YAML = {"Content-Type": "application/yaml"}


async def test_a_workflow_file_in_yaml_is_taken_as_it_is(api):
    made = await api("PUT", "/v1/workflows/hi", 201, content=YAML_FILE, headers=YAML)
    assert made["definition"] == definition()
    whole = b"key: other\ndefinition:\n" + YAML_FILE.replace(b"\n", b"\n  ")
    await api("POST", "/v1/workflows", 201, content=whole, headers=YAML)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"name: [", 400),
        (b"name: a\nname: b", 400),
        (b"\xff", 400),
        (b"!!python/object/apply:os.system [ls]", 400),
        (b"- 1", 422),
        (b"just text", 422),
        (YAML_FILE.replace(b"P1D", b"soon"), 422),
    ],
)
async def test_yaml_that_is_none_is_refused(api, body, status):
    problem = await api("PUT", "/v1/workflows/hi", status, content=body, headers=YAML)
    assert problem["errors"]


async def test_templates_are_not_taken_in_yaml(api):
    await api("POST", "/v1/templates", 415, content=b"key: t", headers=YAML)


async def test_a_gzipped_body_is_taken(api):
    body = gzip.compress(json.dumps({"definition": definition()}).encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    await api("PUT", "/v1/workflows/hi", 201, content=body, headers=headers)
    bomb = gzip.compress(b" " * 50_000_000)
    await api("PUT", "/v1/workflows/hi", 413, content=bomb, headers=headers)


async def test_put_takes_a_bare_definition(api):
    made = await api("PUT", "/v1/workflows/hi", 201, json=definition())
    assert made["definition"] == definition()


async def test_two_that_make_the_same_key_at_once_make_it_once(api):
    bodies = [{"definition": definition(name)} for name in "abcd"]
    answers = await asyncio.gather(*(api.raw("PUT", "/v1/workflows/hi", json=b) for b in bodies))
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert [answer.status_code for answer in answers].count(201) == 1


async def test_a_workflow_is_deleted_but_not_under_its_running_journeys(api, database):
    id_ = await published(api, "hi")
    async with database.transaction() as connection:
        person = await contact(connection, api.workspace_id, "u1")
        running = await journey(connection, api.workspace_id, person, id_)
    problem = await api("DELETE", "/v1/workflows/hi", 409)
    assert "'hi'" in problem["detail"]
    await api("POST", f"/v1/journeys/{running}/stop")
    await api("DELETE", "/v1/workflows/hi", 204)
    await api("GET", "/v1/workflows/hi", 404)
    await api("GET", f"/v1/journeys/{running}", 404)


async def test_the_list_filters_by_state(api):
    await published(api, "one")
    await api("PUT", "/v1/workflows/two", 201, json=definition())
    active = await api("GET", "/v1/workflows?state=active")
    assert [one["key"] for one in active["data"]] == ["one"]
    await api("GET", "/v1/workflows?state=asleep", 422)


async def test_the_list_tells_how_many_journeys_are_under_way(api, database):
    quiet, busy = await published(api, "quiet"), await published(api, "busy")
    async with database.transaction() as connection:
        for state in ("running", "running", "completed"):
            person = await contact(connection, api.workspace_id)
            await journey(connection, api.workspace_id, person, busy, state=state)
    listed = (await api("GET", "/v1/workflows"))["data"]
    assert {one["id"]: one["running"] for one in listed} == {busy: 2, quiet: 0}
