"""Numbers of workflows, counted as they come about: triggers write what `activity` adds up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

INTO = "INSERT INTO activity_deltas (workflow_id, version_id, block, measure, detail, at, count)"

# Zones change their offset at quarters of an hour, so that a quarter lies in one hour of any zone.
QUARTER = "date_bin('15 minutes', {}, timestamptz 'epoch')"

JOURNEYS = f"""
    {INTO}
    SELECT j.workflow_id, j.version_id, '', m.measure, '', {QUARTER.format("m.at")}, count(*)
    FROM {{source}} j CROSS JOIN LATERAL (VALUES
        ('started', j.started_at),
        (nullif(j.state, 'running'), coalesce(j.ended_at, now()))
    ) AS m(measure, at)
    WHERE j.test_to IS NULL AND m.measure IS NOT NULL
    GROUP BY j.workflow_id, j.version_id, m.measure, {QUARTER.format("m.at")}
"""  # noqa: S608

# An outcome may say more behind a colon: how a value was refused, for instance.
OUTCOME = "left(split_part(coalesce({}, ''), ':', 1), 60)"

STEPS = f"""
    {INTO}
    SELECT j.workflow_id, j.version_id, s.block, m.measure, m.detail,
           {QUARTER.format("m.at")}, count(*)
    FROM {{source}} s JOIN journeys j ON j.id = s.journey_id CROSS JOIN LATERAL (VALUES
        ('entered', '', s.entered_at),
        ('left', {OUTCOME.format("s.outcome")}, s.left_at)
    ) AS m(measure, detail, at)
    WHERE j.test_to IS NULL AND m.at IS NOT NULL
    GROUP BY j.workflow_id, j.version_id, s.block, m.measure, m.detail, {QUARTER.format("m.at")}
"""  # noqa: S608

MESSAGES = f"""
    {INTO}
    SELECT j.workflow_id, j.version_id, n.block, m.measure, n.channel,
           {QUARTER.format("m.at")}, count(*)
    FROM {{source}} n JOIN journeys j ON j.id = n.journey_id CROSS JOIN LATERAL (VALUES
        ('sent', n.sent_at), ('delivered', n.delivered_at), ('opened', n.opened_at),
        ('clicked', n.clicked_at),
        ('failed', CASE WHEN n.state = 'failed' THEN coalesce(n.failed_at, now()) END),
        ('skipped', CASE WHEN n.state = 'skipped' THEN now() END)
    ) AS m(measure, at)
    WHERE j.test_to IS NULL AND m.at IS NOT NULL
    GROUP BY j.workflow_id, j.version_id, n.block, m.measure, n.channel, {QUARTER.format("m.at")}
"""  # noqa: S608

JOURNEY_ENDED = f"""
    {INTO}
    VALUES (NEW.workflow_id, NEW.version_id, '', NEW.state, '',
            {QUARTER.format("coalesce(NEW.ended_at, now())")}, 1)
"""

# Of an erased contact; journeys that ended stay counted as what they were.
JOURNEY_ERASED = f"""
    {INTO}
    SELECT OLD.workflow_id, OLD.version_id, m.block, m.measure, m.detail,
           {QUARTER.format("now()")}, 1
    FROM (VALUES ('', 'erased', ''), (OLD.block, 'left', 'erased')) AS m(block, measure, detail)
    WHERE m.block IS NOT NULL
"""  # noqa: S608

STEP_LEFT = f"""
    {INTO}
    SELECT j.workflow_id, j.version_id, NEW.block, 'left', {OUTCOME.format("NEW.outcome")},
           {QUARTER.format("NEW.left_at")}, 1
    FROM journeys j WHERE j.id = NEW.journey_id AND j.test_to IS NULL
"""  # noqa: S608

MESSAGE_CHANGED = f"""
    {INTO}
    SELECT j.workflow_id, j.version_id, NEW.block, m.measure, NEW.channel,
           {QUARTER.format("m.at")}, m.count
    FROM journeys j CROSS JOIN LATERAL (VALUES
        ('sent', NEW.sent_at, (OLD.sent_at IS NULL)::int),
        ('delivered', NEW.delivered_at, (OLD.delivered_at IS NULL)::int),
        ('opened', NEW.opened_at, (OLD.opened_at IS NULL)::int),
        ('clicked', NEW.clicked_at, (OLD.clicked_at IS NULL)::int),
        ('failed', coalesce(NEW.failed_at, now()),
         (NEW.state = 'failed')::int - (OLD.state = 'failed')::int),
        ('skipped', now(), (NEW.state = 'skipped')::int - (OLD.state = 'skipped')::int)
    ) AS m(measure, at, count)
    WHERE j.id = NEW.journey_id AND j.test_to IS NULL AND m.at IS NOT NULL AND m.count <> 0
"""  # noqa: S608

TRIGGERS = (
    ("journeys_begun", "journeys", None, JOURNEYS.format(source="added")),
    (
        "journeys_ended",
        "journeys",
        "OLD.state = 'running' AND NEW.state <> 'running' AND NEW.test_to IS NULL",
        JOURNEY_ENDED,
    ),
    (
        "journeys_erased",
        "journeys",
        "OLD.state = 'running' AND OLD.test_to IS NULL",
        JOURNEY_ERASED,
    ),
    ("steps_entered", "journey_steps", None, STEPS.format(source="added")),
    (
        "steps_left",
        "journey_steps",
        "OLD.left_at IS NULL AND NEW.left_at IS NOT NULL",
        STEP_LEFT,
    ),
    ("messages_made", "messages", None, MESSAGES.format(source="added")),
    (
        "messages_changed",
        "messages",
        """(OLD.state, OLD.sent_at, OLD.delivered_at, OLD.opened_at, OLD.clicked_at)
           IS DISTINCT FROM
           (NEW.state, NEW.sent_at, NEW.delivered_at, NEW.opened_at, NEW.clicked_at)""",
        MESSAGE_CHANGED,
    ),
)
"""Name, table, when (of an update or deletion; None for an insert), and what it does."""


def upgrade() -> None:
    """Count what is there, and from now on what comes."""
    op.create_table(
        "activity",
        sa.Column("workflow_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("block", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workflow_id"], ["workflows.id"], name="fk_activity_workflow_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "workflow_id", "at", "version_id", "block", "measure", "detail", name="pk_activity"
        ),
    )
    op.create_table(
        "activity_deltas",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("workflow_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("block", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activity_deltas"),
    )
    op.create_index(
        "ix_journey_steps_block", "journey_steps", ["block", "entered_at", "journey_id"]
    )
    for table, counted in (
        ("journeys", JOURNEYS),
        ("journey_steps", STEPS),
        ("messages", MESSAGES),
    ):
        op.execute(sa.text(counted.format(source=table)))
    for name, table, when, does in TRIGGERS:
        op.execute(
            f"CREATE FUNCTION sojourn_{name}() RETURNS trigger LANGUAGE plpgsql AS $$"
            f"BEGIN {does}; RETURN NULL; END $$"
        )
        event = "INSERT" if when is None else "DELETE" if "NEW" not in when else "UPDATE"
        takes = (
            "REFERENCING NEW TABLE AS added FOR EACH STATEMENT"
            if when is None
            else f"FOR EACH ROW WHEN ({when})"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} {takes} "
            f"EXECUTE FUNCTION sojourn_{name}()"
        )


def downgrade() -> None:
    """Count no more."""
    for name, table, _, _ in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION sojourn_{name}()")
    op.drop_index("ix_journey_steps_block", "journey_steps")
    op.drop_table("activity_deltas")
    op.drop_table("activity")
