"""Whatever is sent, the answer is never a 5xx: `Api.raw` fails on one."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.management.drawings import EMAIL, definition

QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=15,
)
LISTS = [
    "workflows", "templates", "contacts", "journeys", "messages", "events", "orders", "keys",
    "segments",
]  # fmt: skip
PARAMETERS = [
    "limit", "cursor", "state", "workflow", "contact", "journey", "channel", "kind", "name",
    "from", "to", "email", "userId", "created_from", "created_to", "search", "status",
]  # fmt: skip


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a document something can be replaced."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    return [at, *(path for key, one in inner for path in paths(one, (*at, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


RICH = definition(
    stop=[{"kind": "event", "events": ["E"], "same": ["id"], "lookback": "P1D"}],
    blocks=[
        {"id": "if", "kind": "condition",
         "if": {"any": [{"field": "plan", "op": "=", "value": "x"},
                        {"not": {"event": "E", "within": "P7D",
                                 "times": {"op": "=", "value": 0}}}]},
         "then": "wait", "else": "bye"},
        {"id": "wait", "kind": "timer", "wait": {"until": {"time": "09:00"}}, "next": "bye"},
        {"id": "bye", "kind": "exit"},
    ],
)  # fmt: skip


@given(data=st.data())
@QUICK
async def test_no_definition_breaks_the_saving_or_the_publishing(api, data):
    path = data.draw(st.sampled_from(paths(RICH)))
    body = {"definition": replaced(RICH, path, data.draw(values))}
    answer = await api.raw("PUT", "/v1/workflows/fuzz", json=body)
    if answer.is_success:
        assert (await api.raw("POST", "/v1/workflows/fuzz/publish")).status_code in {200, 422}
    else:
        assert answer.json()["errors"]


@given(data=st.data())
@QUICK
async def test_no_body_breaks_the_templates_and_their_previews(api, data):
    template = {"key": "fuzz", **EMAIL, "data": {"a": "b"}}
    preview = {"template": {**EMAIL}, "userId": "u", "event": {"a": 1}, "order": {}}
    for address, body in (("", template), ("/preview", preview)):
        path = data.draw(st.sampled_from(paths(body)))
        await api.raw(
            "POST", f"/v1/templates{address}", json=replaced(body, path, data.draw(values))
        )


PREDICATE: dict[str, Any] = {
    "all": [
        {"field": "plan", "op": "in", "value": ["a", 1]},
        {"event": "E", "where": [{"param": "a.b", "op": ">", "value": {"param": "p"}}],
         "within": "P7D", "times": {"op": "=", "value": 0}},
        {"order": {"status": ["delivered"], "within": "P30D", "total": {"value": 1.5}}},
        {"not": {"segment": "list", "params": {"p": "x"}}},
        {"now": {"weekdays": ["sat"], "from": "08:00", "timezone": "Europe/Kyiv"}},
    ]
}  # fmt: skip


@given(data=st.data())
@QUICK
async def test_no_predicate_breaks_a_segment_or_its_preview(api, data):
    await api.raw("PUT", "/v1/segments/list", json={"name": "List"})
    segment = {"name": "Fuzz", "where": PREDICATE}
    body = replaced(segment, data.draw(st.sampled_from(paths(segment))), data.draw(values))
    answer = await api.raw("PUT", "/v1/segments/fuzz", json=body)
    if answer.is_success:
        await api.raw("GET", "/v1/segments/fuzz/contacts")
    preview = {"where": PREDICATE, "params": {"p": 1}}
    body = replaced(preview, data.draw(st.sampled_from(paths(preview))), data.draw(values))
    await api.raw("POST", "/v1/segments/preview", json=body)


@given(
    address=st.sampled_from(LISTS),
    query=st.dictionaries(st.sampled_from(PARAMETERS), st.text(max_size=40), max_size=4),
)
@QUICK
async def test_no_query_breaks_a_list(api, address, query):
    await api.raw("GET", f"/v1/{address}", params=query)


@given(address=st.sampled_from(LISTS), ref=st.text(min_size=1, max_size=60))
@QUICK
async def test_no_reference_breaks_a_reading(api, address, ref):
    await api.raw("GET", f"/v1/{address}/{quote(ref, safe='')}")


@given(body=st.binary(max_size=60))
@pytest.mark.parametrize("content_type", ["application/json", "application/yaml"])
@QUICK
async def test_no_bytes_break_the_reading_of_bodies(api, content_type, body):
    headers = {"Content-Type": content_type}
    await api.raw("PUT", "/v1/workflows/fuzz", content=body, headers=headers)
