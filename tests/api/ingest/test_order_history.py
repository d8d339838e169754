"""What an order went through is kept, and each change of it is a fact with what it was then."""

from __future__ import annotations

from decimal import Decimal

import pytest

ORDER = {"orderId": "o1", "userId": "ada"}


def at(day: int, status: str, **parts):
    return {**ORDER, "status": status, "timestamp": f"2024-05-{day:02}T10:00:00Z", **parts}


async def history(api):
    answer = await api.client.get("/v1/orders/o1")
    assert answer.status_code == 200, answer.text
    return [(one["status"], one["timestamp"][:10]) for one in answer.json()["history"]]


async def states(api):
    """What the facts say the order was."""
    return [fact.change["status"] for fact in await api.facts()]


async def test_the_history_holds_every_update_late_ones_too_by_their_timestamps(api):
    await api.ok("/v1/orders", [at(1, "initialized", total=5)])
    await api.ok("/v1/orders", [at(9, "delivered")])
    await api.ok("/v1/orders", [at(4, "in_progress", total=7)])
    answer = (await api.client.get("/v1/orders/o1")).json()
    assert (answer["status"], answer["total"]) == ("delivered", 5)
    assert [(one["status"], one["total"]) for one in answer["history"]] == [
        ("initialized", 5),
        ("in_progress", 7),
        ("delivered", None),
    ]
    assert all(one["received_at"] for one in answer["history"])


async def test_the_same_update_again_adds_nothing(api):
    await api.interest("order", "*")
    calls = [[at(1, "initialized"), at(2, "in_progress", total=3)], [at(3, "delivered")]]
    for call in calls * 2:
        await api.ok("/v1/orders", call)
    assert await history(api) == [
        ("initialized", "2024-05-01"),
        ("in_progress", "2024-05-02"),
        ("delivered", "2024-05-03"),
    ]
    assert await states(api) == ["initialized", "in_progress", "delivered"]


async def test_a_repeated_call_does_not_bring_back_what_was_overtaken_in_the_same_moment(api):
    await api.interest("order", "*")
    call = [at(1, "in_progress"), at(1, "delivered")]
    await api.ok("/v1/orders", call)
    await api.ok("/v1/orders", call)
    assert await states(api) == ["in_progress", "delivered"]
    assert (await api.client.get("/v1/orders/o1")).json()["status"] == "delivered"


async def test_an_undated_update_that_says_what_is_known_is_no_update(api):
    await api.interest("order", "*")
    call = {"orderId": "o1", "userId": "ada", "status": "delivered", "items": [{"n": 1.50}]}
    await api.ok("/v1/orders", call)
    await api.ok("/v1/orders", call)
    await api.ok("/v1/orders", {**call, "total": 3})
    assert [one[0] for one in await history(api)] == ["delivered", "delivered"]
    assert [fact.change["total"] for fact in await api.facts()] == [None, "3"]


async def test_updates_of_one_call_give_a_fact_each_in_the_order_of_their_timestamps(api):
    await api.interest("order", "*")
    await api.ok("/v1/orders", [
        at(3, "cancelled"), at(1, "initialized", total=12.5, currency="eur", items=[{"sku": "a"}]),
        at(2, "in_progress", total=14),
    ])  # fmt: skip
    facts = await api.facts()
    ada = await api.contact("ada")
    assert {(fact.kind, fact.contact_id) for fact in facts} == {("order", ada.id)}
    assert len({fact.ref for fact in facts}) == 1
    assert [(fact.change["status"], fact.change["total"]) for fact in facts] == [
        ("initialized", "12.5"),
        ("in_progress", "14"),
        ("cancelled", "14"),
    ]
    first = facts[0].change
    assert first.keys() == {
        "order_id", "status", "total", "currency", "items", "timestamp", "created_at", "updated_at",
    }  # fmt: skip
    assert (first["order_id"], first["currency"], first["items"]) == ("o1", "EUR", [{"sku": "a"}])
    assert first["timestamp"] == "2024-05-01T10:00:00+00:00"


async def test_a_late_update_is_a_fact_of_what_the_order_was_then_and_fills_in_nothing(api):
    await api.ok("/v1/orders", [at(1, "initialized", total=5, items=[{"sku": "a"}])])
    await api.ok("/v1/orders", [at(5, "delivered", total=6)])
    await api.interest("order", "*")
    for _ in range(2):
        await api.ok("/v1/orders", [at(3, "abandoned", currency="eur")])
    [fact] = await api.facts()
    told = fact.change
    assert told.pop("late") is True
    assert (told["status"], told["total"], told["currency"]) == ("abandoned", "5", "EUR")
    assert (told["items"], told["timestamp"]) == ([{"sku": "a"}], "2024-05-03T10:00:00+00:00")
    answer = (await api.client.get("/v1/orders/o1")).json()
    assert (answer["status"], answer["total"], answer["currency"]) == ("delivered", 6, None)


async def test_a_late_update_of_past_data_is_no_fact(api):
    await api.ok("/v1/orders", [at(5, "delivered")])
    await api.insert("interests", kind="order", name="*", segments=True)
    await api.ok("/v1/orders", {"orders": [at(1, "abandoned")], "backfill": True})
    assert await api.facts() == []


async def test_a_correction_of_the_same_moment_is_taken_over(api):
    await api.ok("/v1/orders", [at(1, "delivered", total=5)])
    await api.ok("/v1/orders", [at(1, "delivered", total=6)])
    row = await api.rows("SELECT total FROM orders WHERE workspace_id = :w")
    assert row == [(Decimal(6),)]


@pytest.mark.parametrize(("segments", "facts"), [(False, []), (True, [True])], ids=["no", "yes"])
async def test_a_backfilled_order_is_a_silent_fact_only_where_a_segment_counts_orders(
    api, segments, facts
):
    await api.insert("interests", kind="order", name="*", segments=segments)
    await api.ok("/v1/orders", {"orders": [at(1, "delivered")], "backfill": True})
    silent = await api.rows("SELECT silent FROM facts WHERE workspace_id = :w")
    assert [one.silent for one in silent] == facts


async def test_a_history_goes_with_the_contact(api):
    await api.ok("/v1/orders", [at(1, "initialized"), at(2, "delivered")])
    assert (await api.client.delete("/v1/contacts/ada")).status_code == 204
    assert await api.rows("SELECT 1 FROM order_states WHERE workspace_id = :w") == []
