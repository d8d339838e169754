"""The OpenAPI schema says all there is to say, so that clients can be generated from it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.management.test_access import operations

pytestmark = pytest.mark.filterwarnings("ignore:Duplicate Operation ID")


@pytest.fixture
def schema(app) -> dict[str, Any]:
    return app.openapi()


def answers_of(schema: dict[str, Any], app: Any) -> Any:
    for method, path in operations(app):
        operation = schema["paths"][path][method.lower()]
        for status, answer in operation["responses"].items():
            yield method, path, status, answer


async def test_the_schema_is_served(api):
    served = await api("GET", "/v1/openapi.json")
    assert served["openapi"].startswith("3.")


def test_every_route_is_described(schema, app):
    for method, path in operations(app):
        operation = schema["paths"][path][method.lower()]
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["tags"], path


def test_every_route_has_an_answer_with_a_schema_and_its_problems(schema, app):
    for method, path, status, answer in answers_of(schema, app):
        assert answer["description"], (method, path, status)
        if status == "204":
            assert "content" not in answer
        elif status.startswith("2"):
            assert "$ref" in answer["content"]["application/json"]["schema"], (method, path)
        else:
            assert list(answer["content"]) == ["application/problem+json"], (method, path, status)
    for method, path in operations(app):
        statuses = set(schema["paths"][path][method.lower()]["responses"])
        assert statuses >= {"401", "403", "422", "503"}, (method, path)
        assert ("404" in statuses) or "{" not in path, (method, path)
        if "requestBody" in schema["paths"][path][method.lower()]:
            assert statuses >= {"400", "413", "415"}, (method, path)


def refs(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"].rsplit("/", 1)[1]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(refs(value) for value in part.values()))
    if isinstance(part, list):
        return set().union(*(refs(value) for value in part))
    return set()


def test_answers_have_no_optional_fields(schema, app):
    pending = {
        name
        for _, _, status, answer in answers_of(schema, app)
        if status.startswith("2")
        for name in refs(answer)
    }
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        seen.add(name)
        model = schema["components"]["schemas"][name]
        assert set(model.get("properties", {})) == set(model.get("required", [])), name
        pending |= refs(model) - seen
    assert len(seen) > 25


async def test_the_schema_of_definitions_is_served_and_accepts_what_is_saved(api):
    jsonschema = pytest.importorskip("jsonschema")
    from tests.api.management.drawings import definition, sending

    answer = await api.raw("GET", "/v1/schema/workflow.json", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/schema+json"
    validator = jsonschema.Draft202012Validator(answer.json())
    validator.validate(definition())
    validator.validate(sending("t"))
    assert not validator.is_valid(definition(blocks=[]))
