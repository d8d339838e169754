"""Any CSV file to rows: encodings, dialects, columns, types; a bad line never costs a good one."""

from __future__ import annotations

import gzip
import tracemalloc
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.imports.errors import BadFile, TooLarge
from engine.imports.inspection import Options, inspect
from engine.imports.intake import CHUNK, Intake
from engine.imports.records import MAX_RECORD, Dialect, Records
from engine.imports.rows import BATCH_BYTES, ORDER_LINES, TOO_LONG, Batches, Layout
from journeys.errors import InvalidInput

ID = UUID(int=7)


def taken(data: bytes, *, piece: int = 7, encoding=None, limit=10**9, chunk=16) -> bytes:
    """The file as it is kept."""
    intake = Intake(encoding=encoding, limit=limit, chunk=chunk)
    parts = [
        part for at in range(0, len(data), piece) for part in intake.feed(data[at : at + piece])
    ]
    parts += intake.close()
    assert all(len(part) == chunk for part in parts[:-1])
    assert intake.size == sum(map(len, parts))
    return b"".join(parts)


def read(text: str, *, piece: int = 5, delimiter=",", quote='"'):
    """(line, cells or reason) of each record, fed in small pieces."""
    data = text.encode()
    records = Records(Dialect(delimiter, quote))
    found = []
    for at in range(0, max(len(data), 1), piece):
        records.feed(data[at : at + piece], last=at + piece >= len(data))
        while (record := records.take()) is not None:
            found.append((record.line, record.reason or record.cells))
    return found


def look(data: bytes | str, kind="contacts", mapping=None, **options):
    sample = data.encode() if isinstance(data, str) else data
    return inspect(ID, sample, Options(kind, mapping or {}, **options), whole=True)


def rows(data: str, kind="contacts", mapping=None, *, event=None):
    """Every row of a file: its item, or what is wrong."""
    found = look(data, kind, mapping, event=event)
    layout = Layout(ID, kind, found.columns, found.dialect, event)
    batches = Batches(layout, position=found.position, line=found.line)
    batches.feed(data.encode()[found.position :], last=True)
    out = []
    while (batch := batches.take()) is not None:
        out += batch.rows
    return out


@pytest.mark.parametrize("piece", [1, 3, 1000])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_a_file_is_kept_as_utf8_whatever_it_was_written_in(encoding, piece):
    text = "userId,name\r\nu1,Zoë Müller aus Köln\r\nu2,Jürgen Groß\r\n" * 20
    assert taken(text.encode(encoding), piece=piece).decode() == text


@pytest.mark.parametrize("piece", [1, 50, 10_000])
def test_a_packed_file_is_unpacked_also_when_it_was_packed_in_parts(piece):
    text = b"userId,name\nu1,Ada\n" * 100
    packed = gzip.compress(text[:700]) + gzip.compress(text[700:])
    assert taken(packed, piece=piece) == text


def test_zeros_behind_an_archive_are_ignored():
    assert taken(gzip.compress(b"userId\nu1\n") + b"\0" * 600) == b"userId\nu1\n"


def test_what_a_file_is_written_in_may_be_said():
    assert taken("userId\nŁódź\n".encode("cp1250"), encoding="cp1250").decode() == "userId\nŁódź\n"


@pytest.mark.parametrize(
    ("data", "encoding", "reason"),
    [
        (gzip.compress(b"x" * 1000, mtime=0)[:-9], None, "ends too early"),
        (b"\x1f\x8b" + b"junk" * 20, None, "not valid gzip"),
        (b"id\n" + b"u\n" * 200_000 + b"\xe9\n", None, "Line 200002 is not utf-8: the byte 0xe9"),
        (b"userId\nu1\n", "utf-7000", "no encoding 'utf-7000'"),
        (b"userId\nu1\n", "base64", "no encoding 'base64'"),
        (b"userId\n\\ud800\n", "unicode_escape", "cannot be read as unicode-escape"),
        (b"userId\nu1\n", "undefined", "cannot be read as undefined"),
    ],
    ids=["cut gzip", "no gzip", "late byte", "unknown encoding", "no text encoding",
         "half a character", "no encoding at all"],
)  # fmt: skip
def test_a_file_that_cannot_be_decoded_says_where(data, encoding, reason):
    with pytest.raises(BadFile, match=reason):
        taken(data, piece=4096, encoding=encoding, chunk=1 << 20)


def test_a_packed_file_is_measured_unpacked():
    with pytest.raises(TooLarge):
        taken(gzip.compress(b"0" * 5_000_000), piece=10_000, limit=1_000_000, chunk=1 << 20)


@pytest.mark.parametrize("piece", [1, 2, 5, 1000])
def test_records_carry_the_line_at_which_they_begin(piece):
    text = 'a,b\r\n1,"two\r\nlines, ""quoted"""\r\n\r\n,\n2,x\r3,y'
    assert read(text, piece=piece) == [
        (1, ["a", "b"]),
        (2, ["1", 'two\r\nlines, "quoted"']),
        (6, ["2", "x"]),
        (7, ["3", "y"]),
    ]


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_a_quote_that_is_left_open_costs_one_line(piece):
    found = read('a,b\n1,"open\n2,x\n3,"y"z\n4,w\n', piece=piece)
    assert found[0] == (1, ["a", "b"])
    assert found[2:] == [(3, ["2", "x"]), (4, found[3][1]), (5, ["4", "w"])]
    assert "quote" in found[1][1] or "CSV" in found[1][1]
    assert "CSV" in found[3][1]


@pytest.mark.parametrize("quoted", [False, True])
def test_a_cell_of_ten_megabytes_is_told_and_passed_over(quoted):
    cell = "x" * 10_000_000
    text = "a,b\n1," + (f'"{cell}"' if quoted else cell) + "\n2,y\n"
    found = read(text, piece=1 << 20)
    assert [line for line, _ in found] == [1, 2, 3]
    assert "longer than" in found[1][1]
    assert found[2][1] == ["2", "y"]


def test_a_cell_larger_than_it_may_be_is_told_with_its_line():
    found = read("a,b\n1," + "x" * 200_000 + "\n2,y\n", piece=1 << 16)
    assert found[1] == (2, "a cell is longer than 128 KB; is a quote left open?")
    assert found[2] == (3, ["2", "y"])


def test_a_record_without_an_end_costs_the_line_at_which_it_begins():
    text = 'a,b\n1,"x\n' + ('","' + "y" * 1000 + "\n") * 1200 + "2,z\n"
    found = read(text, piece=1 << 20)
    assert found[:2] == [(1, ["a", "b"]), (2, "the record is longer than 1024 KB")]
    assert found[-1] == (1203, ["2", "z"])


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("userId,name\nu1,Ada\n", ","),
        ("userId;name\nu1;Lovelace, Ada\nu2;Hopper, Grace\n", ";"),
        ("userId\tname\nu1\tAda, B; C\n", "\t"),
        ("userId|name\nu1|Ada\n", "|"),
        ("userId\nu1\nu2\n", ","),
        ("userId;note\nu1;'a, b, c'\n", ";"),
        ("sep=;\r\nuserId;name\r\nu1;a,b\r\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_by_which_the_file_is_a_table(text, delimiter):
    assert look(text).dialect.delimiter == delimiter


@pytest.mark.parametrize(("delimiter", "quote"), [('"', None), (",", ","), ("'", "'")])
def test_a_delimiter_that_is_the_quote_is_refused(delimiter, quote):
    with pytest.raises(InvalidInput) as refused:
        look("userId,name\nu1,Ada\n", delimiter=delimiter, quote=quote)
    assert [issue.path for issue in refused.value.issues] == ["$.quote"]


def test_a_mark_before_a_mark_is_no_part_of_the_header():
    assert taken("\ufeff\ufeffuserId\nu1\n".encode()) == b"userId\nu1\n"


def test_spaces_around_ids_are_no_part_of_them():
    [row] = rows("userId, email , note\n u1,  , x \n")
    assert row.raw == {"userId": "u1", "fields": {"note": " x "}}


def test_a_file_of_one_quoted_column_is_read():
    found = rows('"userId"\r\n"u1"\r\n"u""2"\n"u,3"\ru4')
    assert [row.raw["userId"] for row in found] == ["u1", 'u"2', "u,3", "u4"]


def test_single_quotes_are_seen_in_the_header():
    found = look("'userId','name'\n'u1','Lovelace, Ada'\n")
    assert found.dialect.quote == "'"
    assert found.preview == [{"userId": "u1", "fields": {"name": "Lovelace, Ada"}}]


def test_columns_are_known_by_their_headings_and_the_rest_are_custom_fields():
    found = look(
        "User ID,E-Mail,Phone Number,TimeZone,created_at,Plan,subscriptions.news,fields.city\n"
        "u1,a@shop.example,+49 30 1,Europe/Berlin,2024-05-01 10:00,pro,true,Rome\n"
    )
    assert [(c.to, c.type) for c in found.columns] == [
        ("userId", "text"), ("email", "text"), ("phone", "text"), ("timezone", "text"),
        ("createdAt", "date"), ("Plan", "text"), ("subscriptions.news", "boolean"),
        ("city", "text"),
    ]  # fmt: skip
    assert found.preview == [
        {
            "userId": "u1", "email": "a@shop.example", "phone": "+49 30 1",
            "timezone": "Europe/Berlin", "createdAt": "2024-05-01T10:00:00",
            "subscriptions": {"news": True}, "fields": {"Plan": "pro", "city": "Rome"},
        }
    ]  # fmt: skip


def test_a_second_column_that_could_be_the_id_is_a_custom_field():
    found = look("id,user_id\n7,u1\n")
    assert {c.name: c.to for c in found.columns} == {"id": "id", "user_id": "userId"}


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (["1", "-2", "3.5", ""], "number"),
        (["01", "2"], "text"),
        (["12345678901234567890"], "text"),
        (["1,5"], "text"),
        (["TRUE", "false"], "boolean"),
        (["yes", "no"], "text"),
        (["2024-01-31", "2024-02-01T10:00:00Z"], "date"),
        (["2024-01-32"], "text"),
        (["31.01.2024"], "text"),
        (["1", "true"], "text"),
        (["", ""], "text"),
        (["NaN", "inf"], "text"),
    ],
)
def test_a_columns_type_is_what_all_of_its_first_values_are(values, type_):
    body = "".join(f"u{n},{value}\n" if "," not in value else f'u{n},"{value}"\n'
                   for n, value in enumerate(values))  # fmt: skip
    [_, column] = look(f"userId,x\n{body}").columns
    assert column.type == type_


def test_a_mapping_says_what_columns_become():
    found = rows(
        "key,Mail,joined,level,secret,ok\nu1,a@shop.example,31.12.2023,007,x,yes\n",
        mapping={
            "key": "userId",
            "Mail": {"to": "email"},
            "joined": {"to": "joined_on", "format": "%d.%m.%Y"},
            "level": {"type": "number"},
            "secret": None,
            "ok": {"to": "fields.fine", "type": "boolean"},
        },
    )
    assert [row.raw for row in found] == [
        {
            "userId": "u1",
            "email": "a@shop.example",
            "fields": {"joined_on": "2023-12-31", "level": 7, "fine": True},
        }
    ]


@pytest.mark.parametrize(
    ("header", "mapping", "path", "reason"),
    [
        ("name,plan", {}, "$.mapping", "no column is named userId"),
        ("userId,a,a", {}, "$.file", "columns 2 and 3 are both named 'a'"),
        ("userId,b", {"c": "x"}, "$.mapping.c", "no such column; it has userId, b"),
        ("userId,b", {"b": 5}, "$.mapping.b", "must be a target"),
        ("userId,b", {"b": {"to": "x", "typ": 1}}, "$.mapping.b", "must be a target"),
        ("userId,b", {"b": {"type": "int"}}, "$.mapping.b", "one of text, number"),
        ("userId,b", {"b": {"to": "email", "type": "number"}}, "$.mapping.b", "read as text"),
        ("userId,b", {"b": "userId"}, "$.mapping.b", "'userId' and 'b' both become userId"),
        ("userId,b,c", {"b": "x", "c": "x"}, "$.mapping.c", "'b' and 'c' both become x"),
        *(
            ("userId,b", {"b": {"to": "x", "format": bad}}, "$.mapping.b", "%d.%m.%Y")
            for bad in (
                "d.m.y", "", "%", "%d.%m.%Y %", "%Q", "%-d.%m.%Y", "%d.%d.%Y", "%H:%M", "%d.%m.",
                "%s", "%d%m%Y" * 20, "%d.%m.%Y\0", 7,
            )
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_in_the_columns_is_named(header, mapping, path, reason):
    with pytest.raises(InvalidInput) as refused:
        look(f"{header}\n1,2,3\n", mapping=mapping)
    assert (path, True) in [(i.path, reason in i.message) for i in refused.value.issues]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "empty"), ("\n\n  \n"[:2], "empty"),
        ('userId,"name\nu1,x\n', "Line 1, which must name the columns: .*quote"),
    ],
    ids=["empty", "blank", "open quote"],
)  # fmt: skip
def test_a_file_that_is_no_table_says_why(data, reason):
    with pytest.raises(BadFile, match=reason):
        look(data)


def test_a_file_of_only_a_header_has_no_rows():
    assert rows("userId,name\n") == []


def test_wrong_lines_say_what_and_where():
    found = rows(
        "userId,age,born\nu1,1,2000-01-01\nu2,old,yesterday\nu3,4\nu4,5,,,\nu5,5,,x\n",
        mapping={"age": {"type": "number"}, "born": {"type": "date"}},
    )
    faults = [(f.line, f.column, f.value, f.reason) for row in found for f in row.faults]
    assert faults == [
        (3, "age", "old", "is not a number"),
        (3, "born", "yesterday", "is not a date such as 2026-01-31 or 2026-01-31T09:30"),
        (4, None, None, "has 2 cells, the header has 3"),
        (6, None, None, "has 4 cells, the header has 3"),
    ]


def test_empty_cells_beyond_the_header_are_what_spreadsheets_leave():
    [row] = rows("userId,plan\nu1,pro,,\n")
    assert row.raw == {"userId": "u1", "fields": {"plan": "pro"}}


def test_a_value_unlike_the_first_thousand_is_refused_with_a_way_out():
    text = "userId,n\n" + "".join(f"u{n},{n}\n" for n in range(1000)) + "last,n/a\n"
    [fault] = [fault for row in rows(text) for fault in row.faults]
    assert (fault.line, fault.column, fault.value) == (1002, "n", "n/a")
    assert "map it as text" in fault.reason


def test_events_take_their_name_from_a_column_or_from_the_call():
    [one] = rows("user_id,event,time,price\nu1,Bought,2024-05-01,9.5\n", "events")
    assert one.raw == {
        "type": "track", "userId": "u1", "event": "Bought", "timestamp": "2024-05-01",
        "properties": {"price": 9.5},
    }  # fmt: skip
    [one] = rows("user_id,price\nu1,9.5\n", "events", event="Bought")
    assert (one.raw["event"], one.raw["properties"]) == ("Bought", {"price": 9.5})
    with pytest.raises(InvalidInput, match="columns"):
        look("user_id,price\nu1,9.5\n", "events")


def test_lines_of_one_order_that_follow_one_another_are_one_order():
    found = rows(
        "order_id,user_id,status,total,date,sku,item_qty\n"
        "o1,u1,delivered,30,2024-05-01,a,1\n"
        "o1,u1,delivered,30,2024-05-01,b,2\n"
        "o2,u1,delivered,5,2024-05-01,,\n"
        "o2,u1,cancelled,5,2024-05-02,,\n",
        "orders",
    )
    assert [(row.lines, row.raw) for row in found] == [
        ([2, 3], {
            "orderId": "o1", "userId": "u1", "status": "delivered", "total": 30,
            "timestamp": "2024-05-01", "items": [{"sku": "a", "qty": 1}, {"sku": "b", "qty": 2}],
        }),
        ([4], {"orderId": "o2", "userId": "u1", "status": "delivered", "total": 5,
               "timestamp": "2024-05-01"}),
        ([5], {"orderId": "o2", "userId": "u1", "status": "cancelled", "total": 5,
               "timestamp": "2024-05-02"}),
    ]  # fmt: skip


@pytest.mark.parametrize("piece", [64, 4096, 10**6])
def test_batches_join_up_without_a_gap_and_never_part_an_order(piece):
    lines = [f"o{n // 7},u{n % 50},delivered,sku{n}\n" for n in range(5000)]
    text = "orderId,userId,status,sku\n" + "".join(lines)
    found = look(text, "orders")
    layout = Layout(ID, "orders", found.columns, found.dialect)
    batches = Batches(layout, position=found.position, line=found.line)
    data, position, seen = text.encode()[found.position :], found.position, []
    for at in range(0, len(data), piece):
        batches.feed(data[at : at + piece], last=at + piece >= len(data))
        while (batch := batches.take()) is not None:
            assert batch.begin == position
            position = batch.end
            seen += batch.rows
            assert batch.next_line == seen[-1].lines[-1] + 1
    assert position == len(text)
    assert [row.raw["orderId"] for row in seen] == [f"o{n}" for n in range(715)]
    assert sum(len(row.raw["items"]) for row in seen) == 5000


def test_an_unreadable_line_within_an_order_costs_all_of_it():
    found = rows(
        "orderId,userId,status,sku\n"
        "o1,u1,delivered,a\no1,u1,delivered\no1,u1,delivered,c\n"
        "o2,u1,delivered,a\no2,u1\no3,u1,delivered,b\n",
        "orders",
    )
    assert [(row.lines, [fault.line for fault in row.faults]) for row in found] == [
        ([2, 3, 4], [3]), ([5], []), ([6], [6]), ([7], []),
    ]  # fmt: skip


def orders_of(*lengths: int, cell: str = "s") -> str:
    """A file of orders, `o0` with so many lines, and so on."""
    body = "".join(
        f"o{number},u1,delivered,{cell}{line}\n"
        for number, length in enumerate(lengths)
        for line in range(length)
    )
    return "orderId,userId,status,sku\n" + body


def batches_of(text: str, piece: int = 50_000, *, kind: str = "orders", dying: bool = False):
    """The batches of a file; `dying`: whoever reads it is another after each."""
    data = text.encode()
    found = inspect(ID, data[:CHUNK], Options(kind, {}), whole=len(data) <= CHUNK)
    layout = Layout(ID, kind, found.columns, found.dialect)
    position, line, refusing = found.position, found.line, None
    while position < len(data):
        batches = Batches(layout, position=position, line=line, refusing=refusing)
        for at in range(position, len(data), piece):
            batches.feed(data[at : at + piece], last=at + piece >= len(data))
            while (batch := batches.take()) is not None:
                assert batch.begin == position
                position, line, refusing = batch.end, batch.next_line, batch.refusing
                yield batch
                if dying:
                    break
            if dying and batch is not None:
                break


@pytest.mark.parametrize("dying", [False, True], ids=["in one go", "begun anew after each batch"])
def test_an_order_with_too_many_lines_is_refused_with_all_of_them(dying):
    text = orders_of(ORDER_LINES, 5 * ORDER_LINES, 2)
    found = list(batches_of(text, dying=dying))
    assert all(sum(len(row.lines) for row in batch.rows) <= 3 * ORDER_LINES for batch in found)
    by_id = {row.raw["orderId"]: row for batch in found for row in batch.rows if not row.faults}
    assert {name: len(row.raw["items"]) for name, row in by_id.items()} == {
        "o0": ORDER_LINES, "o2": 2,
    }  # fmt: skip
    refused = [fault for batch in found for row in batch.rows for fault in row.faults]
    first = ORDER_LINES + 2
    assert [fault.line for fault in refused] == [*range(first, first + 5 * ORDER_LINES)]
    assert {fault.reason for fault in refused} == {TOO_LONG}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (orders_of(30_000), "orders"),
        (orders_of(500, cell="x" * 100_000), "orders"),
        ("userId,note\n" + ("u1," + "x" * 100_000 + "\n") * 500, "contacts"),
    ],
    ids=["many lines", "long lines", "long lines of contacts"],
)
def test_what_is_held_in_memory_does_not_grow_with_the_file(text, kind):
    tracemalloc.start()
    try:
        for batch in batches_of(text, piece=1 << 20, kind=kind):
            assert batch.end - batch.begin < 2 * BATCH_BYTES + MAX_RECORD
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most - len(text) < 40_000_000  # the text is held by this test, as bytes


PIECES = st.sampled_from(
    ["userId", "email", "u1", ",", ";", "\t", '"', '""', "'", "\n", "\r\n", "\r", "\x00", "é", " ",
     "1", "2024-05-01", "true", "\u2028", "\ufeff"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    text=st.lists(PIECES, max_size=60).map("".join),
    encoding=st.sampled_from(["utf-8", "utf-16", "latin-1"]),
    piece=st.integers(1, 40),
    kind=st.sampled_from(["contacts", "events", "orders"]),
)
def test_any_file_is_read_or_refused_and_every_line_is_counted_once(text, encoding, piece, kind):
    try:
        data = taken(text.encode(encoding, "replace"), piece=piece)
        found = inspect(ID, data, Options(kind, {}, event="E"), whole=True)
    except (BadFile, InvalidInput):
        return
    layout = Layout(ID, kind, found.columns, found.dialect, "E")
    whole, parts = [], []
    for out, step in ((whole, len(data) or 1), (parts, piece)):
        batches = Batches(layout, position=found.position, line=found.line)
        rest = data[found.position :]
        for at in range(0, max(len(rest), 1), step):
            batches.feed(rest[at : at + step], last=at + step >= len(rest))
            while (batch := batches.take()) is not None:
                out.extend(batch.rows)
    assert parts == whole
    lines = [line for row in whole for line in row.lines]
    assert lines == sorted(set(lines))
