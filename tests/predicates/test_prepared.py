"""One contact at a time: the statement that a condition block runs."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, insert

from journeys.errors import InvalidInput
from journeys.snapshot import EventData, MessageData
from storage.database import Database
from storage.predicate_sql import SegmentSource, load_segments, prepare
from storage.tables import Segment, SegmentMember, Workspace
from tests.predicates.people import NOW, Person, contact, gather, predicate


async def test_it_holds_for_the_contact_that_was_asked_about(
    database: Database, workspace_id: UUID
):
    prepared = prepare(predicate({"field": "plan", "op": "=", "value": "premium"}))
    people = [Person(contact=contact(fields={"plan": plan})) for plan in ("premium", "free")]
    async with database.engine.connect() as connection:
        premium, free = (await gather(connection, workspace_id, people)).ids
        ask = {"workspace_id": workspace_id, "now": NOW}
        assert await prepared.holds(connection, contact_id=premium, **ask)
        assert not await prepared.holds(connection, contact_id=free, **ask)
        assert not await prepared.holds(connection, contact_id=uuid4(), **ask)
        # Nothing crosses a workspace, not even by a known id.
        assert not await prepared.holds(
            connection, contact_id=premium, workspace_id=uuid4(), now=NOW
        )


async def test_it_sees_the_journey_that_asks(database: Database, workspace_id: UUID):
    everything = prepare(
        predicate(
            {
                "all": [
                    {"event": "Workout", "within": "journey"},
                    {"message": {"block": "hello", "state": "opened"}},
                    {"param": "minutes", "op": ">", "value": 5},
                    {"now": {"from": "13:00", "to": "13:01"}},
                ]
            }
        )
    )
    person = Person(
        events=[EventData("Workout", NOW - timedelta(hours=1))],
        messages=[MessageData("hello", 1, opened_at=NOW)],
        journey_started_at=NOW - timedelta(hours=2),
    )
    async with database.engine.connect() as connection:
        crowd = await gather(connection, workspace_id, [person])
        journey_id = await connection.scalar(_journey_of(crowd.ids[0]))
        ask = {
            "workspace_id": workspace_id, "contact_id": crowd.ids[0], "now": NOW,
            "workspace_zone": "Europe/Kyiv", "params": {"minutes": "6"}, "journey_id": journey_id,
            "journey_started_at": person.journey_started_at,
        }  # fmt: skip
        assert await everything.holds(connection, **ask)
        assert not await everything.holds(connection, **ask | {"params": {}})
        assert not await everything.holds(connection, **ask | {"journey_id": uuid4()})
        assert not await everything.holds(connection, **ask | {"journey_started_at": NOW})
        assert not await everything.holds(connection, **ask | {"workspace_zone": "UTC"})


def _journey_of(contact_id: UUID):
    from sqlalchemy import select

    from storage.tables import Journey

    return select(Journey.id).where(Journey.contact_id == contact_id)


async def test_outside_a_journey_nothing_happened_in_it(database: Database, workspace_id: UUID):
    person = Person(events=[EventData("Workout", NOW)], messages=[MessageData("a", 1, sent_at=NOW)])
    async with database.engine.connect() as connection:
        (id_,) = (await gather(connection, workspace_id, [person])).ids
        for data, answer in [
            ({"event": "Workout", "within": "journey"}, False),
            ({"event": "Workout", "within": "journey", "times": {"op": "=", "value": 0}}, True),
            ({"message": {"block": "all", "state": "sent"}}, False),
            ({"param": "x", "op": "missing"}, True),
        ]:
            prepared = prepare(predicate(data))
            asked = prepared.holds(connection, workspace_id=workspace_id, contact_id=id_, now=NOW)
            assert await asked is answer, data


async def test_asking_again_sends_one_statement_and_compiles_nothing(
    database: Database, workspace_id: UUID
):
    prepared = prepare(
        predicate(
            {
                "all": [
                    {"field": f"field {number}", "op": ">=", "value": number} for number in range(5)
                ]
            }
        )
    )
    sent: list[tuple[str, object]] = []
    sync = database.engine.sync_engine

    def note(_connection, _cursor, statement, _parameters, context, _many):
        sent.append((statement, context.compiled.cache_key and context.cache_hit.name))

    async with database.engine.connect() as connection:
        (id_,) = (await gather(connection, workspace_id, [Person()])).ids
        event.listen(sync, "before_cursor_execute", note)
        try:
            for _ in range(3):
                await prepared.holds(
                    connection, workspace_id=workspace_id, contact_id=id_, now=NOW, params={"a": 1}
                )
        finally:
            event.remove(sync, "before_cursor_execute", note)
    assert len(sent) == 3
    assert len({statement for statement, _ in sent}) == 1
    assert [hit for _, hit in sent][1:] == ["CACHE_HIT", "CACHE_HIT"]


async def test_segments_of_a_workspace_are_loaded_by_key(database: Database, workspace_id: UUID):
    static = uuid4()
    async with database.engine.connect() as connection:
        (id_,) = (await gather(connection, workspace_id, [Person()])).ids
        own = {"workspace_id": workspace_id}
        elsewhere = uuid4()
        await connection.execute(
            insert(Workspace).values(
                id=elsewhere, name="w", timezone="UTC", paused=False, rules_revision=0
            )
        )
        rows = [
            {**own, "id": static, "key": "vip", "definition": None},
            {**own, "id": uuid4(), "key": "young", "definition": {"segment": "vip"}},
            {**own, "id": uuid4(), "key": "broken", "definition": {"feild": "x"}},
            {"workspace_id": elsewhere, "id": uuid4(), "key": "other", "definition": {"all": []}},
        ]
        await connection.execute(insert(Segment), [{**row, "name": "s"} for row in rows])
        await connection.execute(
            insert(SegmentMember).values(**own, segment_id=static, contact_id=id_)
        )
        segments = await load_segments(connection, workspace_id)
        young = prepare(predicate({"segment": "young"}), segments)
        assert await young.holds(connection, workspace_id=workspace_id, contact_id=id_, now=NOW)
        for key, words in [("broken", "cannot be read"), ("other", "there is no segment")]:
            with pytest.raises(InvalidInput, match=words):
                prepare(predicate({"segment": key}), segments)


def test_a_segment_that_contains_itself_is_refused():
    segments = SegmentSource(
        {"a": predicate({"not": {"segment": "b"}}), "b": predicate({"any": [{"segment": "a"}]})}
    )
    with pytest.raises(InvalidInput, match="contains itself"):
        prepare(predicate({"segment": "a"}), segments)


def test_segments_that_multiply_are_refused_before_they_fill_the_memory():
    doubling = {
        f"s{level}": predicate({"all": [{"segment": f"s{level + 1}"}] * 2}) for level in range(20)
    }
    with pytest.raises(InvalidInput, match="1000 parts"):
        prepare(predicate({"segment": "s0"}), SegmentSource({**doubling, "s20": uuid4()}))


def test_too_deep_a_predicate_is_refused():
    data: dict[str, object] = {"all": []}
    for _ in range(60):
        data = {"not": data}
    with pytest.raises(InvalidInput, match="nested deeper than 50"):
        prepare(predicate(data))


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
@pytest.mark.parametrize("place", ["field", "value", "list", "event"])
def test_text_that_postgresql_cannot_hold_is_refused(text: str, place: str):
    data = {
        "field": {"field": text, "op": "exists"},
        "value": {"field": "a", "op": "=", "value": text},
        "list": {"field": "a", "op": "in", "value": [text]},
        "event": {"event": text},
    }[place]
    try:
        refused = predicate(data)
    except ValueError:
        return  # already refused as text
    with pytest.raises(InvalidInput, match=r"U\+0000"):
        prepare(refused)
