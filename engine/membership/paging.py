"""The statement that looks at a page of contacts and writes all that follows from it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Integer,
    Select,
    SmallInteger,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    exists,
    false,
    func,
    insert,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from engine.membership.book import KnownSegment, SegmentBook
from journeys.predicates import SegmentLeaf
from storage.predicate_sql import SqlContext
from storage.predicate_sql.context import CONTACTS
from storage.predicate_sql.judging import judge
from storage.tables import Fact, Journey, SegmentInstant, SegmentMember, SegmentStay
from storage.tables.base import UTC_TIME

LANE: Any = literal_column(
    "(get_byte(uuid_send(contacts.id), 14) * 256 + get_byte(uuid_send(contacts.id), 15)) % 64",
    SmallInteger(),
)
"""As `ix_contacts_lane` has it."""


def page_statement(book: SegmentBook, segment: KnownSegment, *, fresh: bool) -> Select[Any]:
    """Judge the contacts of a lane after a cursor; one row of what became of it.

    `looked_at`, the `last` contact, and the `earliest` instant that was stored. Entering is told to
    the rules where it matters: to start journeys if that was asked for, else to the running ones
    that stop at, or wait for, the segment. With `fresh`, nothing is stored yet that could be wrong.
    Else what is there is mended, and the contacts are locked first, as by who erases or merges.
    """
    leaf = SegmentLeaf(segment=segment.key)
    context = SqlContext(segments=book.source)
    judgement = judge(leaf, context)
    workspace: Any = bindparam("workspace", type_=Uuid())
    id_: Any = bindparam("segment", type_=Uuid())
    now: Any = bindparam("now", type_=UTC_TIME)
    looked_at = (
        select(
            CONTACTS.c.id.label("contact_id"),
            judgement.holds.label("holds"),
            cast(null() if judgement.changes_at is None else judgement.changes_at, UTC_TIME).label(
                "due_at"
            ),
        )
        .select_from(CONTACTS if judgement.look is None else CONTACTS.join(judgement.look, true()))
        .where(
            CONTACTS.c.workspace_id == workspace,
            bindparam("lane", type_=SmallInteger()) == LANE,
            CONTACTS.c.id > bindparam("after", type_=Uuid()),
        )
        .order_by(CONTACTS.c.id)
        .limit(bindparam("page", type_=Integer()))
    )
    if not fresh:
        looked_at = looked_at.with_for_update(read=True, key_share=True, of=CONTACTS)
    judged = looked_at.cte("judged")
    entered = (
        upsert(SegmentMember)
        .from_select(
            ["workspace_id", "segment_id", "contact_id", "entered_at", "depth"],
            select(workspace, id_, judged.c.contact_id, now, literal_column("0")).where(
                judged.c.holds
            ),
        )
        .on_conflict_do_nothing()
        .returning(col(SegmentMember.contact_id))
        .cte("entered")
    )
    gone = (
        delete(SegmentMember)
        .where(
            col(SegmentMember.segment_id) == id_,
            col(SegmentMember.contact_id) == judged.c.contact_id,
            not_(judged.c.holds),
        )
        .returning(
            col(SegmentMember.contact_id), col(SegmentMember.entered_at), col(SegmentMember.depth)
        )
        .cte("gone")
    )
    stays = (
        insert(SegmentStay)
        .from_select(
            ["workspace_id", "segment_id", "contact_id", "entered_at", "left_at", "depth"],
            select(workspace, id_, gone.c.contact_id, gone.c.entered_at, now, gone.c.depth),
        )
        .returning(col(SegmentStay.id))
        .cte("stays")
    )
    stored = upsert(SegmentInstant).from_select(
        ["workspace_id", "segment_id", "contact_id", "due_at"],
        select(workspace, id_, judged.c.contact_id, judged.c.due_at).where(
            judged.c.due_at.is_not(None)
        ),
    )
    # who came in by a fact meanwhile, and has since fallen due, is left to the clock
    kept = func.least(col(SegmentInstant.due_at), stored.excluded.due_at)
    instants = (
        stored.on_conflict_do_update(
            index_elements=["segment_id", "contact_id"],
            set_={"due_at": kept if fresh else stored.excluded.due_at},
        )
        .returning(col(SegmentInstant.due_at))
        .cte("instants")
    )
    cleared = (
        delete(SegmentInstant)
        .where(
            col(SegmentInstant.segment_id) == id_,
            col(SegmentInstant.contact_id) == judged.c.contact_id,
            judged.c.due_at.is_(None),
        )
        .returning(col(SegmentInstant.contact_id))
        .cte("cleared")
    )
    watching: Any = bindparam("watching", type_=ARRAY(Uuid()))
    watched = exists(
        select(literal_column("1"))
        .select_from(Journey)
        .where(
            col(Journey.contact_id) == entered.c.contact_id,
            col(Journey.state) == "running",
            col(Journey.version_id) == any_(watching),
        )
    )
    told = (
        insert(Fact)
        .from_select(
            ["workspace_id", "lane", "contact_id", "kind", "ref", "change", "silent", "depth"],
            select(
                workspace,
                bindparam("lane", type_=SmallInteger()),
                entered.c.contact_id,
                cast("segment", Text()),
                id_,
                bindparam("change", type_=JSONB()),
                false(),
                cast(0, SmallInteger()),
            ).where(
                or_(
                    bindparam("starts", type_=Boolean()),
                    and_(func.cardinality(watching) > 0, watched),
                )
            ),
        )
        .returning(col(Fact.seq))
        .cte("told")
    )
    written = (entered, instants, told)
    newest = select(judged.c.contact_id).order_by(judged.c.contact_id.desc()).limit(1)
    return select(
        select(func.count()).select_from(judged).scalar_subquery().label("looked_at"),
        newest.scalar_subquery().label("last"),
        select(func.min(instants.c.due_at)).scalar_subquery().label("earliest"),
    ).add_cte(*(written if fresh else (*written, gone, stays, cleared)))
