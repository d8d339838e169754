"""Promo pools over HTTP: made, filled, counted, and kept while a workflow needs them."""

from __future__ import annotations

import pytest

from tests.api.management.drawings import definition

PROMO = {"id": "take", "kind": "promo", "pool": "spring", "as": "code"}


@pytest.fixture
async def spring(api):
    return await api("POST", "/v1/promo-pools", 201, json={"key": "spring", "name": "Spring"})


async def add(api, *codes, status=200):
    return await api("POST", "/v1/promo-pools/spring/codes", status, json={"codes": list(codes)})


async def test_a_pool_counts_its_codes(api, spring):
    assert (spring["free"], spring["taken"]) == (0, 0)
    answer = await add(api, "A", "B", "A", " B ")
    assert (answer["added"], answer["duplicates"], answer["free"]) == (2, 2, 2)
    again = await add(api, "B", "C")
    assert (again["added"], again["duplicates"], again["free"]) == (1, 1, 3)
    [listed] = (await api("GET", "/v1/promo-pools"))["data"]
    assert listed == await api("GET", f"/v1/promo-pools/{spring['id']}")
    assert (listed["free"], listed["taken"], listed["name"]) == (3, 0, "Spring")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"A-1\nA-2\n\n A-3 \n"),
        ("text/plain; charset=utf-8", b"\xef\xbb\xbfA-1\r\nA-2\r\nA-3"),
        ("text/csv", b'code,value\n"A-1",5\nA-2,6\nA-3,7\n'),
        ("text/csv", b"Promo_Code\nA-1\nA-2\nA-3\n"),
    ],
    ids=["lines", "bom-and-crlf", "csv", "csv-with-a-header"],
)  # fmt: skip
async def test_codes_come_as_lines_and_as_csv(api, spring, content_type, body):
    answer = await api(
        "POST", "/v1/promo-pools/spring/codes", content=body,
        headers={"content-type": content_type},
    )  # fmt: skip
    assert (answer["added"], answer["free"]) == (3, 3)


async def test_ten_thousand_codes_fit_in_one_call_and_no_more(api, spring):
    answer = await add(api, *(f"CODE-{n}" for n in range(10_000)))
    assert answer["added"] == 10_000
    problem = await add(api, *(f"CODE-{n}" for n in range(10_001)), status=422)
    assert problem["errors"][0]["path"] == "$.codes"
    assert (await api("GET", "/v1/promo-pools/spring"))["free"] == 10_000


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"json": {"codes": []}}, 422),
        ({"json": {"codes": [""]}}, 422),
        ({"json": {"codes": ["x" * 201]}}, 422),
        ({"json": {"codes": ["a\0b"]}}, 422),
        ({"json": {"codes": [5]}}, 422),
        ({"content": b"\xff\xfe", "headers": {"content-type": "text/plain"}}, 400),
        ({"content": b"\n\n", "headers": {"content-type": "text/plain"}}, 422),
        ({"content": b"A", "headers": {"content-type": "image/png"}}, 415),
    ],
    ids=["none", "empty", "long", "nul", "number", "no-text", "blank", "no-lines"],
)
async def test_codes_that_cannot_be_kept_are_refused(api, spring, options, status):
    await api("POST", "/v1/promo-pools/spring/codes", status, **options)
    assert (await api("GET", "/v1/promo-pools/spring"))["free"] == 0


async def test_pools_are_made_renamed_and_never_rekeyed_by_put(api):
    made = await api("PUT", "/v1/promo-pools/summer", 201, json={"name": "Summer"})
    saved = await api("PUT", "/v1/promo-pools/summer", json={"name": "Late summer"})
    assert (saved["id"], saved["name"]) == (made["id"], "Late summer")
    await api("PUT", "/v1/promo-pools/summer", 422, json={"name": "x", "key": "other"})
    await api("POST", "/v1/promo-pools", 409, json={"key": "summer", "name": "x"})


async def test_a_workflow_names_a_pool_that_exists_and_keeps_it_from_being_deleted(api, spring):
    blocks = [{**PROMO, "pool": "sprong"}]
    refused = await api("PUT", "/v1/workflows/hi", 422, json=definition(blocks=blocks))
    assert [error["path"] for error in refused["errors"]] == ["$.blocks[0].pool"]
    await api("PUT", "/v1/workflows/hi", 201, json=definition(blocks=[PROMO]))
    conflict = await api("DELETE", "/v1/promo-pools/spring", 409)
    assert "hi" in conflict["detail"]
    await api("DELETE", "/v1/workflows/hi", 204)
    await api("DELETE", "/v1/promo-pools/spring", 204)
    await api("GET", "/v1/promo-pools/spring", 404)


async def test_another_workspace_sees_none_of_it(api, stranger, writer, spring):
    await stranger("GET", "/v1/promo-pools/spring", 404)
    await stranger("POST", "/v1/promo-pools/spring/codes", 404, json={"codes": ["A"]})
    assert (await stranger("GET", "/v1/promo-pools"))["data"] == []
    await writer("GET", "/v1/promo-pools", 403)
