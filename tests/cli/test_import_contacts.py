"""Contacts from CSV: good lines are stored, bad ones told with their line."""

import pytest
from sqlalchemy import text


async def stored(database, workspace_id):
    async with database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT user_id, email, fields FROM contacts WHERE workspace_id = :w ORDER BY 1"),
            {"w": workspace_id},
        )
        return [tuple(row) for row in rows]


async def test_columns_become_fields_and_bad_lines_are_told(
    sojourn, database, workspace_id, tmp_path
):
    file = tmp_path / "people.csv"
    file.write_bytes(
        b"\xef\xbb\xbfuser_id,email,timezone,plan,note\r\n"
        b'u1,u1@shop.example,Europe/Berlin,premium,"two\r\nlines, ""quoted"""\r\n'
        b"u2,,,free,\r\n"
        b",nobody@shop.example,,,\r\n"
        b"u3,too,few\r\n"
        b"u4,u4@shop.example,Mars/Olympus,free,\r\n"
    )
    ran = await sojourn("import", "contacts", file, "--json")
    assert ran.code == 1
    assert ran.json["contacts"] == 2
    lines = {one["line"]: one["reason"] for one in ran.json["refused"]}
    assert lines.keys() == {5, 6, 7}
    assert "user_id is empty" in lines[5]
    assert "3 cells" in lines[6]
    assert "timezone" in lines[7]
    assert await stored(database, workspace_id) == [
        ("u1", "u1@shop.example", {"plan": "premium", "note": 'two\r\nlines, "quoted"'}),
        ("u2", None, {"plan": "free"}),
    ]


async def test_a_file_all_of_whose_lines_are_refused_is_told_line_by_line(sojourn, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("userId,timezone\nu1,Nowhere\nu2,Elsewhere\n")
    ran = await sojourn("import", "contacts", file, "--json")
    assert ran.code == 1
    assert [one["line"] for one in ran.json["refused"]] == [2, 3]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no column is named userId"),
        (b"name\nAda\n", "no column is named userId"),
        (b"userId,a,a\n1,2,3\n", "two columns have the same name"),
        (b"userId,name\n1,\xff\xfe\n", "not UTF-8"),
        (b'userId,name\n1,"open\n', "unexpected end of data"),
    ],
)
async def test_a_file_that_is_no_such_table_is_refused_in_a_sentence(
    sojourn, tmp_path, content, reason
):
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    ran = await sojourn("import", "contacts", file)
    assert ran.code == 1
    assert reason in ran.err


async def test_more_than_a_thousand_lines_are_sent_in_parts(
    sojourn, database, workspace_id, tmp_path
):
    file = tmp_path / "people.csv"
    file.write_text("userId,n\n" + "".join(f"u{n},{n}\n" for n in range(2100)))
    ran = await sojourn("import", "contacts", file, "--json")
    assert ran.json == {"contacts": 2100, "events": 0, "orders": 0, "refused": []}
    assert len(await stored(database, workspace_id)) == 2100
