"""The purchase history: every line read as it is, ids that make a repeated load change nothing."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from cli.cdnow import BadLine, Purchase, contacts, read
from cli.demo import SAMPLE

FILE = """ customer_id  date number_of_cds  dollar_value
 00002 19970112  1   12.00
 00002 19970112  5   77.00
 00003 19970102  2    0.00
"""


def test_each_line_is_one_purchase_numbered_per_customer():
    purchases = list(read(FILE.splitlines()))
    assert [one.order_id for one in purchases] == [
        "cdnow-00002-1",
        "cdnow-00002-2",
        "cdnow-00003-1",
    ]
    assert purchases[1] == Purchase(3, "00002", 2, datetime(1997, 1, 12, 12, tzinfo=UTC), 5, 77.0)


@pytest.mark.parametrize(
    "line",
    ["00001 19970101 1", "00001 19970231 1 2.00", "x 19970101 1 2.00", "1 1997-01-01 1 2.00"],
)
def test_a_bad_line_is_told_by_number_and_the_others_are_read(line):
    bad, good = read([line, "00001 19970101 1 2.00"])
    assert isinstance(bad, BadLine)
    assert bad.number == 1
    assert isinstance(good, Purchase)
    assert good.nth == 1


def test_contacts_sum_up_their_purchases():
    first, second = contacts(list(read(FILE.splitlines())))
    assert first["userId"] == "cdnow-00002"
    assert first["fields"] == {
        "orders_count": 2, "cds_count": 6, "spent": 89.0,
        "first_order_on": "1997-01-12", "last_order_on": "1997-01-12",
    }  # fmt: skip
    assert second["fields"]["spent"] == 0
    assert re.fullmatch(r"[\w-]+@[\w.]+\.example", first["email"])


def test_the_packaged_sample_is_every_purchase_of_a_tenth_of_the_customers():
    sample = SAMPLE / "cdnow_sample.txt"
    assert sample.stat().st_size <= 250_000
    purchases = list(read(sample.read_text().splitlines()))
    assert len(purchases) == 6937
    customers = {one.customer for one in purchases}
    assert len(customers) == 2357
    assert all(one.endswith("1") for one in customers)
    assert "Fader" in (SAMPLE / "README.md").read_text()


async def test_a_load_can_be_repeated_and_starts_nothing(sojourn, database, workspace_id, tmp_path):
    file = tmp_path / "history.txt"
    file.write_text(FILE)
    for _ in range(2):
        ran = await sojourn("import", "cdnow", file, "--json")
        assert ran.code == 0, ran.err
        assert ran.json == {"contacts": 2, "events": 3, "orders": 3, "refused": []}
    async with database.transaction() as connection:
        counted = await connection.execute(
            text(
                "SELECT (SELECT count(*) FROM contacts WHERE workspace_id = :w),"
                "(SELECT count(*) FROM events WHERE workspace_id = :w),"
                "(SELECT count(*) FROM orders WHERE workspace_id = :w),"
                "(SELECT count(*) FROM facts WHERE workspace_id = :w),"
                "(SELECT max(timestamp) FROM events WHERE workspace_id = :w)"
            ),
            {"w": workspace_id},
        )
    assert tuple(counted.one()) == (2, 3, 3, 0, datetime(1997, 1, 12, 12, tzinfo=UTC))


async def test_bad_lines_are_told_and_the_exit_code_says_so(sojourn, tmp_path: Path):
    file = tmp_path / "history.txt"
    file.write_text(FILE + "what is this\n")
    ran = await sojourn("import", "cdnow", file)
    assert ran.code == 1
    assert f"{file}:5: is not" in ran.err.replace("\n", "")
    assert "stored 2 contacts, 3 events, 3 orders; refused 1 lines" in ran.err
