"""Who is who: anonymous visitors become contacts, with all their history."""

from __future__ import annotations

from engine.lanes import lane_of
from tests.api.ingest.history import counts, fill, new_journey, new_segment, new_workflow
from tests.api.ingest.support import serving


async def anonymous(api, value):
    rows = await api.rows(
        "SELECT contact_id FROM identities "
        "WHERE workspace_id = :w AND kind = 'anonymous' AND value = :v",
        v=value,
    )
    return rows[0].contact_id if rows else None


async def how_many(api):
    return await api.value("SELECT count(*) FROM contacts WHERE workspace_id = :w")


async def test_an_anonymous_visitor_becomes_the_new_user_without_losing_anything(api):
    await api.ok("/v1/page", {"anonymousId": "a1"})
    await api.ok("/v1/identify", {"anonymousId": "a1", "traits": {"plan": "free"}})
    before = await anonymous(api, "a1")
    await api.ok(
        "/v1/identify",
        {"anonymousId": "a1", "userId": "ada", "traits": {"email": "ada@example.com"}},
    )
    contact = await api.contact("ada")
    assert contact.id == before
    assert (contact.email, contact.fields) == ("ada@example.com", {"plan": "free"})
    await api.ok("/v1/track", {"anonymousId": "a1", "event": "Later"})
    assert await api.event_names("ada") == ["Later", "Page Viewed"]
    assert await how_many(api) == 1


async def test_an_anonymous_history_moves_to_the_known_contact(api):
    workflow, version = await new_workflow(api)
    segment = await new_segment(api)
    await api.batch(
        {
            "type": "identify",
            "userId": "ada",
            "traits": {"plan": "pro", "email": "ada@example.com"},
        },
        {
            "type": "identify",
            "anonymousId": "a1",
            "traits": {"plan": "free", "phone": "+1", "city": "Rome"},
        },
        {"type": "group", "anonymousId": "a1", "groupId": "acme"},
        {
            "type": "track",
            "anonymousId": "a1",
            "event": "Seen",
            "context": {"device": {"token": "tok"}},
        },
    )
    visitor = await anonymous(api, "a1")
    journey = await fill(api, visitor, workflow, version, segment)
    moved = await counts(api, visitor)
    await api.ok("/v1/identify", {"anonymousId": "a1", "userId": "ada"})
    contact = await api.contact("ada")
    after = await counts(api, contact.id)
    assert {table: n for table, n in moved.items() if after[table] < max(n, 1)} == {}
    assert await how_many(api) == 1
    assert (contact.email, contact.phone, contact.fields) == (
        "ada@example.com",
        "+1",
        {"plan": "pro", "city": "Rome"},
    )
    assert await api.rows("SELECT state, contact_id FROM journeys WHERE id = :j", j=journey) == [
        ("running", contact.id)
    ]
    assert {fact.lane for fact in await api.facts()} == {lane_of(contact.id)}
    assert await api.rows("SELECT kind, lane FROM commands WHERE workspace_id = :w") == [
        ("start", lane_of(contact.id))
    ]


async def test_a_colliding_journey_of_the_visitor_is_stopped_and_the_known_contacts_goes_on(api):
    workflow, version = await new_workflow(api)
    segment = await new_segment(api)
    await api.batch(
        {"type": "identify", "userId": "ada"}, {"type": "identify", "anonymousId": "a1"}
    )
    visitor, known = await anonymous(api, "a1"), (await api.contact("ada")).id
    theirs = await fill(api, visitor, workflow, version, segment)
    ours = await fill(api, known, workflow, version, segment)
    parallel = await new_journey(api, visitor, workflow, version, exclusive=False)
    over = await new_journey(api, visitor, workflow, version, state="completed")
    await api.run(
        "UPDATE entries SET last_started_at = '2030-01-01' WHERE contact_id = :c", c=visitor
    )
    await api.ok("/v1/identify", {"anonymousId": "a1", "userId": "ada"})
    rows = await api.rows(
        "SELECT id, state, reason_kind, contact_id FROM journeys WHERE workspace_id = :w"
    )
    assert {row.id: (row.state, row.reason_kind) for row in rows} == {
        theirs: ("stopped", "merged"), ours: ("running", None),
        parallel: ("running", None), over: ("completed", None),
    }  # fmt: skip
    assert {row.contact_id for row in rows} == {known}
    commands = await api.rows(
        "SELECT journey_id, kind, lane FROM commands WHERE workspace_id = :w ORDER BY seq"
    )
    assert (theirs, "stop", lane_of(known)) in commands
    assert [kind for journey, kind, _ in commands if journey == theirs] == ["start", "stop"]
    assert (
        await api.value(
            "SELECT count(*) FROM messages WHERE journey_id = :j AND state = 'queued'", j=theirs
        )
        == 0
    )
    # The re-entry rule remembers the later of the two entries.
    assert (
        await api.value(
            "SELECT extract(year FROM last_started_at) FROM entries WHERE contact_id = :c", c=known
        )
        == 2030
    )


async def test_two_visitors_with_colliding_journeys_merge_into_one_user(api):
    workflow, version = await new_workflow(api)
    await api.batch(
        {"type": "identify", "userId": "ada"},
        *({"type": "identify", "anonymousId": f"a{n}"} for n in range(3)),
    )
    for n in range(3):
        await new_journey(api, await anonymous(api, f"a{n}"), workflow, version)
    await api.batch(
        *({"type": "identify", "anonymousId": f"a{n}", "userId": "ada"} for n in range(3))
    )
    states = await api.rows("SELECT state FROM journeys WHERE workspace_id = :w ORDER BY state")
    assert [state for (state,) in states] == ["running", "stopped", "stopped"]


async def test_an_anonymous_id_of_another_known_user_is_handed_over_for_the_future_only(api):
    await api.batch(
        {"type": "identify", "anonymousId": "a1", "userId": "ada"},
        {"type": "track", "anonymousId": "a1", "event": "Of Ada"},
        {"type": "identify", "anonymousId": "a1", "userId": "bob"},
        {"type": "track", "anonymousId": "a1", "event": "Of Bob"},
    )
    await api.ok("/v1/track", {"anonymousId": "a1", "event": "Of Bob Too"})
    assert await api.event_names("ada") == ["Of Ada"]
    assert await api.event_names("bob") == ["Of Bob", "Of Bob Too"]


async def test_only_identify_and_alias_tie_ids_together(api):
    await api.ok("/v1/track", {"anonymousId": "a1", "event": "Anonymous"})
    await api.ok("/v1/track", {"anonymousId": "a1", "userId": "ada", "event": "Known"})
    assert await api.event_names("ada") == ["Known"]
    assert await how_many(api) == 2


async def test_alias_joins_an_anonymous_id_to_a_user_that_does_not_exist_yet(api):
    await api.ok("/v1/track", {"anonymousId": "a1", "event": "X"})
    await api.ok("/v1/alias", {"previousId": "a1", "userId": "ada"})
    assert await api.event_names("ada") == ["X"]
    assert await how_many(api) == 1


async def test_alias_renames_a_user_and_the_old_id_still_leads_to_it(api):
    await api.ok("/v1/track", {"userId": "old", "event": "X"})
    await api.ok("/v1/alias", {"previousId": "old", "userId": "new"})
    await api.ok("/v1/track", {"userId": "old", "event": "Y"})
    assert await api.event_names("new") == ["X", "Y"]
    assert await how_many(api) == 1


async def test_alias_merges_two_known_users(api):
    await api.ok("/v1/identify", {"userId": "old", "traits": {"plan": "free", "city": "Rome"}})
    await api.ok("/v1/track", {"userId": "old", "event": "X"})
    await api.ok("/v1/identify", {"userId": "new", "traits": {"plan": "pro"}})
    await api.ok("/v1/alias", {"previousId": "old", "userId": "new"})
    assert await api.event_names("new") == ["X"]
    assert (await api.contact("new")).fields == {"plan": "pro", "city": "Rome"}
    assert await how_many(api) == 1


async def test_alias_of_an_unknown_id_holds_for_what_comes_later(api):
    await api.ok("/v1/alias", {"previousId": "old", "userId": "ada"})
    await api.ok("/v1/track", {"userId": "old", "event": "X"})
    await api.ok("/v1/track", {"anonymousId": "old", "event": "Y"})
    assert await api.event_names("ada") == ["X", "Y"]


async def test_a_whole_sign_up_in_one_batch_is_one_contact(api):
    await api.interest("event", "Opened")
    await api.interest("field", "plan")
    await api.batch(
        {"type": "track", "anonymousId": "a1", "event": "Opened"},
        {"type": "track", "userId": "ada", "event": "Signed Up"},
        {"type": "identify", "anonymousId": "a1", "traits": {"plan": "free"}},
        {
            "type": "identify",
            "anonymousId": "a1",
            "userId": "ada",
            "traits": {"email": "a@example.com"},
        },
        {"type": "alias", "previousId": "legacy", "userId": "ada"},
        {"type": "track", "anonymousId": "a1", "event": "After"},
    )
    contact = await api.contact("ada")
    assert await how_many(api) == 1
    assert await api.event_names("ada") == ["After", "Opened", "Signed Up"]
    assert (contact.email, contact.fields) == ("a@example.com", {"plan": "free"})
    assert {fact.contact_id for fact in await api.facts()} == {contact.id}


async def test_fields_that_a_merge_fills_are_changes_of_the_known_contact(api):
    await api.ok("/v1/identify", {"userId": "ada"})
    await api.ok("/v1/identify", {"anonymousId": "a1", "traits": {"plan": "free"}})
    await api.interest("field", "plan")
    await api.ok("/v1/identify", {"userId": "ada", "anonymousId": "a1"})
    contact = await api.contact("ada")
    assert [(fact.change, fact.contact_id) for fact in await api.facts()] == [
        ({"plan": [None, "free"]}, contact.id)
    ]


async def test_ids_of_one_workspace_mean_nothing_in_another(api, database):
    other = await api.other_workspace()
    await api.ok("/v1/identify", {"userId": "ada", "anonymousId": "a1", "traits": {"plan": "pro"}})
    async with serving(database, other) as second:
        await second.ok("/v1/identify", {"userId": "ada", "anonymousId": "a1"})
        assert (await second.contact("ada")).fields == {}
        assert (await second.contact("ada")).id != (await api.contact("ada")).id
