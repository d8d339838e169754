"""The SQL of the hot path: each statement handles a whole batch, whatever its size."""

from __future__ import annotations

from engine.rule_lock import sharing

BEGIN = f"""
    WITH rules AS MATERIALIZED (SELECT {sharing(":workspace")})
    SELECT NULL AS kind, NULL AS value FROM rules
    UNION ALL
    SELECT k.kind, k.value
    FROM unnest(CAST(:kinds AS text[]), CAST(:values AS text[])) AS k(kind, value)
    LEFT JOIN identities i
        ON i.workspace_id = :workspace AND i.kind = k.kind AND i.value = k.value
    WHERE i.contact_id IS NULL
"""  # noqa: S608  (a fixed expression)
"""The ids that nobody has yet, after a row without one: it makes sure that the rules are asked for
and so shared. Waits for a publish that is under way, so that the interests which
are read later are the current ones."""

_FIND = """
    SELECT k.kind, k.value, c.id, c.user_id, c.email, c.phone, c.timezone, c.locale,
           c.created_at, c.last_seen_at, CASE WHEN k.complete THEN c.fields::text END AS fields
    FROM unnest($2::text[], $3::text[], $4::bool[]) AS k(kind, value, complete)
    JOIN identities i ON i.workspace_id = $1 AND i.kind = k.kind AND i.value = k.value
    JOIN contacts c ON c.id = i.contact_id
    ORDER BY c.id
"""
FIND = _FIND
FIND_AND_LOCK = _FIND + " FOR NO KEY UPDATE OF c"
"""Contacts of these ids, locked in the order of their own ids so that batches cannot deadlock."""
FIND_AND_LOCK_FOR_MERGE = _FIND + " FOR UPDATE OF c"
"""The same, keeping out whoever would add rows to a contact that is about to be merged away."""

STORED_EVENTS = "SELECT id FROM events WHERE id = ANY($1::uuid[])"

CREATE = """
    WITH owned AS (
        INSERT INTO identities (workspace_id, kind, value, contact_id)
        SELECT $1, kind, value, contact_id
        FROM unnest($2::text[], $3::text[], $4::uuid[]) AS i(kind, value, contact_id)
        ORDER BY kind, value
        ON CONFLICT DO NOTHING
        RETURNING contact_id
    ), made AS (
        INSERT INTO contacts (workspace_id, id, user_id, fields, created_at, updated_at)
        SELECT $1, id, user_id, '{}', $5::timestamptz, $5::timestamptz
        FROM unnest($6::uuid[], $7::text[]) AS c(id, user_id)
        WHERE id IN (SELECT contact_id FROM owned)
        RETURNING id
    ), queued AS (
        INSERT INTO facts (workspace_id, lane, contact_id, kind, silent)
        SELECT $1, n.lane, n.id, 'contact', n.silent
        FROM unnest($6::uuid[], $8::smallint[], $9::bool[]) AS n(id, lane, silent)
        JOIN made USING (id)
        JOIN interests i ON i.workspace_id = $1 AND i.kind = 'contact'
    )
    SELECT count(*) FROM owned
"""
"""New contacts with their ids. The ids come first, in order: inserting one waits for another batch
that is making the same contact, and once that batch is through, the contact is its. Somebody new
may be a member of segments by what they have not done, so these look at each new contact."""

CHANGE = """
    WITH changed AS (
        UPDATE contacts c
        SET user_id = d.user_id, email = d.email, phone = d.phone, timezone = d.timezone,
            locale = d.locale, fields = d.fields::jsonb, created_at = d.created_at,
            last_seen_at = d.last_seen_at, updated_at = $1
        FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                    $8::text[], $9::timestamptz[], $10::timestamptz[])
            AS d(id, user_id, email, phone, timezone, locale, fields, created_at, last_seen_at)
        WHERE c.id = d.id
        RETURNING c.id
    )
    INSERT INTO facts (workspace_id, lane, contact_id, kind, silent)
    SELECT $11, n.lane, n.id, 'contact', n.silent
    FROM unnest($2::uuid[], $12::smallint[], $13::bool[]) AS n(id, lane, silent)
    JOIN changed USING (id)
    JOIN interests i ON i.workspace_id = $11 AND i.kind = 'changed'
"""
"""A segment that asks when a contact was changed last follows every change."""

MOVE_IDENTITIES = """
    UPDATE identities i SET contact_id = m.contact_id
    FROM unnest($2::text[], $3::text[], $4::uuid[]) AS m(kind, value, contact_id)
    WHERE i.workspace_id = $1 AND i.kind = m.kind AND i.value = m.value
"""

REGISTER_DEVICES = """
    WITH before AS MATERIALIZED (
        SELECT token, contact_id, platform FROM devices
        WHERE workspace_id = $1 AND token = ANY($2::text[])
    ), registered AS (
        INSERT INTO devices AS d (
            workspace_id, token, contact_id, platform, created_at, last_seen_at
        )
        SELECT $1, token, contact_id, platform, $5, $5
        FROM unnest($2::text[], $3::uuid[], $4::text[]) AS t(token, contact_id, platform)
        ORDER BY token
        ON CONFLICT (workspace_id, token) DO UPDATE
        SET contact_id = excluded.contact_id, last_seen_at = excluded.last_seen_at,
            platform = coalesce(excluded.platform, d.platform)
        WHERE d.contact_id <> excluded.contact_id
           OR (excluded.platform IS NOT NULL AND d.platform IS DISTINCT FROM excluded.platform)
           OR d.last_seen_at < excluded.last_seen_at - interval '1 hour'
        RETURNING d.token, d.contact_id, d.platform
    ), moved AS (
        SELECT r.contact_id AS gained, b.contact_id AS lost, q.silent
        FROM registered r LEFT JOIN before b USING (token)
        JOIN unnest($2::text[], $7::bool[]) AS q(token, silent) ON q.token = r.token
        WHERE b.token IS NULL
           OR (b.contact_id, b.platform) IS DISTINCT FROM (r.contact_id, r.platform)
    )
    INSERT INTO facts (workspace_id, lane, contact_id, kind, silent)
    SELECT $1,
           (get_byte(uuid_send(c.id), 14) * 256 + get_byte(uuid_send(c.id), 15)) % $6::int,
           c.id, 'device', c.silent
    FROM (
        SELECT id, bool_and(silent) AS silent
        FROM (SELECT gained AS id, silent FROM moved UNION ALL SELECT lost, silent FROM moved) AS m
        GROUP BY id
    ) AS c
    JOIN interests i ON i.workspace_id = $1 AND i.kind = 'device'
    WHERE c.id IS NOT NULL
"""
"""Who can be reached changes with a token, for the contact that it is taken from as well."""

ADD_GROUPS = """
    INSERT INTO groups (workspace_id, group_id, traits, updated_at)
    SELECT $1, g, '{}', $3 FROM unnest($2::text[]) AS g ORDER BY g
    ON CONFLICT DO NOTHING
"""
CHANGE_GROUPS = """
    UPDATE groups g
    SET traits = (g.traits || d.traits::jsonb)
                 - ARRAY(SELECT key FROM jsonb_each(d.traits::jsonb) WHERE value = 'null'),
        updated_at = $4
    FROM unnest($2::text[], $3::text[]) AS d(group_id, traits)
    WHERE g.workspace_id = $1 AND g.group_id = d.group_id AND d.traits <> '{}'
"""
JOIN_GROUPS = """
    INSERT INTO group_members (workspace_id, group_id, contact_id, joined_at)
    SELECT $1, group_id, contact_id, $4
    FROM unnest($2::text[], $3::uuid[]) AS m(group_id, contact_id)
    ORDER BY group_id, contact_id
    ON CONFLICT DO NOTHING
"""

STORE = """
    WITH input AS MATERIALIZED (
        SELECT * FROM unnest(
            $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
            $10::timestamptz[], $11::int[], $12::smallint[], $13::bool[], $14::bool[]
        ) AS e(id, contact_id, kind, name, properties, context, message_id, "timestamp",
               "order", lane, decides, silent)
    ), stored AS (
        INSERT INTO events (workspace_id, id, contact_id, kind, name, properties, context,
                            message_id, "timestamp", received_at, depth)
        SELECT $1, id, contact_id, kind, name, properties::jsonb, context::jsonb,
               message_id, "timestamp", $2::timestamptz, 0
        FROM input
        ON CONFLICT (id) DO NOTHING
        RETURNING id, contact_id, "timestamp"
    ), seen AS (
        UPDATE contacts c SET last_seen_at = s.at
        FROM (SELECT contact_id, max("timestamp") AS at FROM stored GROUP BY contact_id) AS s
        WHERE c.id = s.contact_id AND (c.last_seen_at < s.at OR c.last_seen_at IS NULL)
    ), queued AS (
        INSERT INTO facts (workspace_id, lane, contact_id, kind, ref, change, silent)
        SELECT $1, lane, contact_id, kind, ref, change, silent FROM (
            SELECT e."order", e.lane, e.contact_id,
                   CASE WHEN i.name IS NULL THEN 'seen' ELSE 'event' END AS kind,
                   CASE WHEN i.name IS NOT NULL THEN e.id END AS ref,
                   NULL::jsonb AS change, e.silent
            FROM input e JOIN stored USING (id)
            LEFT JOIN interests i ON i.workspace_id = $1 AND i.kind = 'event' AND i.name = e.name
                                 AND e.decides AND (i.segments OR NOT e.silent)
            WHERE i.name IS NOT NULL
               OR (e.contact_id IS NOT NULL
                   AND EXISTS (SELECT FROM interests WHERE workspace_id = $1 AND kind = 'seen'))
            UNION ALL
            SELECT c."order", c.lane, c.contact_id, 'field', NULL, c.change::jsonb, c.silent
            FROM unnest($15::int[], $16::smallint[], $17::uuid[], $18::text[], $19::text[],
                        $20::bool[])
                AS c("order", lane, contact_id, field, change, silent)
            JOIN interests i ON i.workspace_id = $1 AND i.kind = 'field' AND i.name = c.field
                            AND (i.segments OR NOT c.silent)
        ) AS f ORDER BY "order"
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM stored) AS stored, (SELECT count(*) FROM queued) AS queued
"""
"""Events, the contacts' last sign of life, and the facts that rules or segments mention. What is
backfilled is silent: only segments follow it."""
