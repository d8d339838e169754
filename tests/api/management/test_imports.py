"""Files sent over HTTP: what is answered at once, what is shown of an import, and to whom."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from temporalio.testing import ActivityEnvironment

from activities.imports import ImportActivities
from api.app import create_app
from engine.keys import create_key
from engine.wakeup import Wakeup
from runtime.settings import Settings
from workflows.contracts import ImportInput

PEOPLE = b"userId,E-Mail,plan,n\nu1,a@shop.example,pro,1\nu2,,free,2\n"
ADDRESS = "/v1/contacts/import"
CSV = {"content-type": "text/csv"}


async def send(api, content=PEOPLE, status=202, *, headers=CSV, **params):
    return await api("POST", ADDRESS, status, content=content, headers=headers, params=params)


async def work(database, import_id):
    """What a worker does with it."""
    run = ImportActivities(database).import_slice
    while not (await ActivityEnvironment().run(run, ImportInput(import_id))).done:
        pass


async def rows(database, sql, **parameters):
    async with database.transaction() as connection:
        return (await connection.execute(text(sql), parameters)).all()


async def leftovers(database, workspace_id):
    return await rows(
        database, "SELECT id FROM imports WHERE workspace_id = :w", w=workspace_id
    ) + await rows(
        database, "SELECT import_id FROM import_chunks WHERE workspace_id = :w", w=workspace_id
    )


async def test_a_file_is_taken_in_and_says_how_it_is_read(api, database):
    answer = await send(api, file="people.csv")
    assert answer["state"] == "waiting"
    assert (answer["kind"], answer["file"], answer["delimiter"]) == ("contacts", "people.csv", ",")
    assert [(one["column"], one["to"], one["type"]) for one in answer["mapping"]] == [
        ("userId", "userId", "text"), ("E-Mail", "email", "text"), ("plan", "plan", "text"),
        ("n", "n", "number"),
    ]  # fmt: skip
    assert answer["preview"] == [
        {"userId": "u1", "email": "a@shop.example", "fields": {"plan": "pro", "n": 1}},
        {"userId": "u2", "fields": {"plan": "free", "n": 2}},
    ]
    assert answer["rows"] == {"read": 0, "accepted": 0, "rejected": 0}
    [command] = await rows(
        database, "SELECT kind FROM commands WHERE journey_id = CAST(:i AS uuid)", i=answer["id"]
    )
    assert command.kind == "import"
    await work(database, answer["id"])
    done = await api("GET", f"/v1/imports/{answer['id']}")
    assert (done["state"], done["progress"]) == ("completed", 1)
    assert done["rows"] == {"read": 2, "accepted": 2, "rejected": 0}
    assert [one["id"] for one in (await api("GET", "/v1/imports"))["data"]] == [answer["id"]]
    assert (await api("GET", "/v1/contacts/u1"))["fields"] == {"plan": "pro", "n": 1}


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (PEOPLE, {}),
        (gzip.compress(PEOPLE, mtime=0), CSV),
        (gzip.compress(PEOPLE, mtime=0), {**CSV, "content-encoding": "gzip"}),
        (gzip.compress(PEOPLE, mtime=0), {"content-type": "application/gzip"}),
        (PEOPLE.decode().encode("utf-16"), CSV),
        (PEOPLE.replace(b",", b";"), {"content-type": "text/csv; charset=utf-8; header=present"}),
    ],
    ids=["no type", "packed", "encoded", "as an archive", "utf-16", "semicolons"],
)
async def test_the_same_file_in_other_clothes_is_the_same_file(api, content, headers):
    answer = await send(api, content, headers=headers)
    assert [one["to"] for one in answer["mapping"]] == ["userId", "email", "plan", "n"]
    assert len(answer["preview"]) == 2


@pytest.mark.parametrize(
    "fields",
    [{"mapping": "x" * 300_000}, {f"f{n}": "" for n in range(5000)}],
    ids=["one that is long", "many"],
)
async def test_a_form_with_too_much_beside_its_file_is_refused(api, database, fields):
    files = {"file": ("people.csv", PEOPLE, "text/csv")}
    await api("POST", ADDRESS, 413, data=fields, files=files)
    assert await leftovers(database, api.workspace_id) == []


async def test_a_form_brings_its_options_before_the_file(api):
    mapping = json.dumps({"plan": None, "n": {"to": "level", "type": "text"}})
    answer = await api(
        "POST", ADDRESS, 202, data={"mapping": mapping, "dry_run": "true"},
        files={"file": ("people.csv", PEOPLE, "text/csv")},
    )  # fmt: skip
    assert (answer["file"], answer["dry_run"]) == ("people.csv", True)
    assert answer["preview"][0] == {
        "userId": "u1", "email": "a@shop.example", "fields": {"level": "1"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "params", "path", "said"),
    [
        (b"", {}, "$.file", "empty"),
        (b"\xff\xfe", {}, "$.file", "empty"),
        (b"name\nAda\n", {}, "$.mapping", "no column is named userId"),
        (b"userId,a,a\n1,2,3\n", {}, "$.file", "columns 2 and 3"),
        (b'userId,"a\n1,2\n', {}, "$.file", "Line 1"),
        (b"userId\n" + b"u\n" * 200_000 + b"\xff\n", {}, "$.file", "Line 200002"),
        (gzip.compress(PEOPLE, mtime=0)[:-6], {}, "$.file", "ends too early"),
        (PEOPLE, {"mapping": "{"}, "$.query.mapping", "not valid JSON"),
        (PEOPLE, {"mapping": "[]"}, "$.query.mapping", "dictionary"),
        (PEOPLE, {"mapping": '{"Plan": "x"}'}, "$.mapping.Plan", "no such column"),
        (PEOPLE, {"mapping": '{"plan": "x\\u0000"}'}, "$.query.mapping", ""),
        (PEOPLE, {"kind": "people"}, "$.query.kind", "contacts"),
        (PEOPLE, {"delimiter": "ab"}, "$.query.delimiter", "one character"),
        (PEOPLE, {"encoding": "utf-99"}, "$.file", "utf-99"),
        (PEOPLE, {"dryrun": "true"}, "$.query.dryrun", ""),
        (PEOPLE, {"kind": "events"}, "$.mapping", "no column is named event"),
        (PEOPLE, {"mapping": '{"n": {"format": "%d.%d.%Y"}}'}, "$.mapping.n", "%d.%m.%Y"),
    ],
)
async def test_a_file_that_cannot_be_imported_is_answered_with_what_and_where(  # noqa: PLR0917
    api, database, content, params, path, said
):
    problem = await send(api, content, 422, **params)
    assert [one for one in problem["errors"] if one["path"] == path and said in one["message"]], (
        problem
    )
    assert await leftovers(database, api.workspace_id) == []


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"content-type": "application/json"}, b"{}", 415),
        ({**CSV, "content-encoding": "br"}, PEOPLE, 415),
        ({"content-type": "multipart/form-data"}, PEOPLE, 400),
        ({"content-type": "multipart/form-data; boundary=x"}, b"junk", 400),
        ({"content-type": "multipart/form-data; boundary=x"}, b"--x--\r\n", 400),
        (
            {"content-type": "multipart/form-data; boundary=x"},
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nuserId\nu1',
            400,
        ),
    ],
    ids=["json", "brotli", "no boundary", "no form", "no file", "cut off"],
)
async def test_a_body_that_is_no_file_is_refused(api, database, headers, content, status):
    await send(api, content, status, headers=headers)
    assert await leftovers(database, api.workspace_id) == []


def keyed(key):
    return {**CSV, "idempotency-key": key}


async def test_a_repeated_call_with_a_key_is_answered_with_the_import_of_the_first(api, database):
    first = await send(api, headers=keyed("k"), file="people.csv")
    again = await send(
        api, gzip.compress(PEOPLE, mtime=0), headers=keyed("k"), file="other-name.csv"
    )
    assert again == first
    await work(database, first["id"])
    late = await send(api, headers=keyed("k"))
    assert (late["id"], late["state"]) == (first["id"], "completed")
    other = await send(api, headers=keyed("k2"))
    assert other["id"] != first["id"]
    found = await leftovers(database, api.workspace_id)
    assert {str(row[0]) for row in found} == {first["id"], other["id"]}


@pytest.mark.parametrize(
    ("content", "params"),
    [
        (PEOPLE + b"u3,,free,3\n", {}), (PEOPLE, {"backfill": "true"}),
        (PEOPLE, {"mapping": '{"n": null}'}),
    ],
    ids=["a longer file", "backfill", "another mapping"],
)  # fmt: skip
async def test_a_key_with_another_file_is_refused(api, database, content, params):
    first = await send(api, headers=keyed("k"))
    problem = await send(api, content, 409, headers=keyed("k"), **params)
    assert first["id"] in problem["detail"]
    assert {str(row[0]) for row in await leftovers(database, api.workspace_id)} == {first["id"]}


async def test_a_key_is_its_workspaces_own(api, stranger):
    first = await send(api, headers=keyed("k"))
    other = await send(stranger, PEOPLE + b"u3,,,\n", headers=keyed("k"))
    assert other["id"] != first["id"]


async def test_calls_with_one_key_at_once_make_one_import(api, database):
    answers = await asyncio.gather(*(send(api, headers=keyed("k")) for _ in range(4)))
    assert len({one["id"] for one in answers}) == 1
    assert len(await rows(
        database, "SELECT 1 FROM imports WHERE workspace_id = :w", w=api.workspace_id
    )) == 1  # fmt: skip


async def test_an_upload_that_failed_leaves_its_key_free(api):
    await send(api, b"name\nAda\n", 422, headers=keyed("k"))
    await send(api, headers=keyed("k"))


async def test_what_was_wrong_is_downloaded_line_by_line(api, database):
    content = b'userId,timezone\nu1,Mars/Olympus\n,Europe/Rome\nu3,"Europe/Rome"\nu4\n'
    answer = await send(api, content)
    await work(database, answer["id"])
    assert (await api("GET", f"/v1/imports/{answer['id']}"))["rows"] == {
        "read": 4, "accepted": 1, "rejected": 3,
    }  # fmt: skip
    told = await api.raw("GET", f"/v1/imports/{answer['id']}/errors")
    assert told.headers["content-type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(told.text)))
    assert [(row["line"], row["column"], row["value"]) for row in table] == [
        ("2", "timezone", "Mars/Olympus"), ("3", "userId", ""), ("5", "", ""),
    ]  # fmt: skip
    assert "IANA" in table[0]["reason"]


async def test_cancelling_ends_an_import_and_drops_its_file(api, database):
    answer = await send(api)
    path = f"/v1/imports/{answer['id']}"
    assert (await api("POST", f"{path}/cancel"))["state"] == "cancelled"
    assert (await api("POST", f"{path}/cancel"))["state"] == "cancelled"
    await work(database, answer["id"])
    assert (await api("GET", path))["rows"]["read"] == 0
    done = await send(api)
    await work(database, done["id"])
    await api("POST", f"/v1/imports/{done['id']}/cancel", 409)


async def test_an_import_is_its_workspaces_own_and_needs_a_secret_key(
    api, writer, stranger, database
):
    answer = await send(api)
    for method, path in (
        ("GET", f"/v1/imports/{answer['id']}"),
        ("GET", f"/v1/imports/{answer['id']}/errors"),
        ("POST", f"/v1/imports/{answer['id']}/cancel"),
    ):
        await stranger(method, path, 404)
        await writer(method, path, 403)
        await api(method, path.replace(answer["id"], str(uuid4())), 404)
        await api(method, path.replace(answer["id"], "x"), 422)
    assert (await stranger("GET", "/v1/imports"))["data"] == []
    await writer("GET", "/v1/imports", 403)
    await send(writer, status=403)
    assert (await api("GET", f"/v1/imports/{answer['id']}"))["state"] == "waiting"


@pytest.fixture
async def small(database, workspace_id):
    """An API that takes no more than 2 MB."""
    async with database.transaction() as connection:
        _, key = await create_key(connection, workspace_id, "secret", "test")
    app: FastAPI = create_app(Settings(import_limit=2_000_000), database=database, wakeup=Wakeup())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://api", auth=(key, "")
    ) as client:
        yield client


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
async def test_more_than_the_limit_is_not_kept(small, database, workspace_id, packed):
    content = b"userId\n" + b"u\n" * 1_500_000
    answer = await small.post(
        ADDRESS, content=gzip.compress(content) if packed else content, headers=CSV
    )
    assert answer.status_code == 413
    assert await leftovers(database, workspace_id) == []


async def test_a_sender_that_goes_away_leaves_nothing(app, database, workspace_id):
    async with database.transaction() as connection:
        _, key = await create_key(connection, workspace_id, "secret", "test")
    received = [
        {"type": "http.request", "body": b"userId\n" + b"u\n" * 800_000, "more_body": True},
        {"type": "http.disconnect"},
    ]
    answers = []

    async def receive():
        return received.pop(0) if received else {"type": "http.disconnect"}

    async def answer(message):
        answers.append(message)

    headers = [(b"authorization", f"Bearer {key}".encode()), (b"content-type", b"text/csv")]
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": ADDRESS, "root_path": "",
        "raw_path": ADDRESS.encode(), "query_string": b"", "scheme": "http", "headers": headers,
        "server": ("api", 80), "client": ("there", 1),
    }  # fmt: skip
    await app(scope, receive, answer)
    assert answers[0]["status"] == 400
    assert await leftovers(database, workspace_id) == []


async def test_uploads_whose_process_died_are_dropped_by_the_next_one(api, database):
    answer = await send(api)
    await rows(
        database,
        "UPDATE imports SET state = 'receiving', created_at = now() - interval '2 days' "
        "WHERE id = CAST(:i AS uuid) RETURNING id",
        i=answer["id"],
    )
    await send(api)
    await api("GET", f"/v1/imports/{answer['id']}", 404)


async def test_several_files_at_once_end_up_whole(api, database):
    sent = await asyncio.gather(
        *(
            send(api, b"userId,k\n" + b"".join(b"u%d,%d\n" % (n, k) for n in range(300)))
            for k in range(4)
        )
    )
    await asyncio.gather(*(work(database, one["id"]) for one in sent))
    for one in sent:
        done = await api("GET", f"/v1/imports/{one['id']}")
        assert (done["state"], done["rows"]["accepted"]) == ("completed", 300)
    found = await rows(
        database, "SELECT count(*) FROM contacts WHERE workspace_id = :w", w=api.workspace_id
    )
    assert found == [(300,)]
