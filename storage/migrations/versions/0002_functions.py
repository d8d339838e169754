r"""SQL functions that compare JSON values as predicates do, and the guard of published versions.

The rules are those of `docs/predicates.md`; `journeys.comparison` is the same in Python, and a
property test holds the two together. All functions are total: data that cannot be read gives null
or false, never an error.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = r"""
CREATE FUNCTION sojourn_number(value jsonb) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  spelled text;
BEGIN
  CASE jsonb_typeof(value)
    WHEN 'number' THEN
      RETURN value::numeric;
    WHEN 'string' THEN
      spelled := value #>> '{}';
      IF length(spelled) <= 100 AND spelled ~ '^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$' THEN
        RETURN spelled::numeric;
      END IF;
    ELSE
  END CASE;
  RETURN NULL;
END $$
"""

# The offset is always written out before the cast, so the session's zone plays no part: immutable.
INSTANT = r"""
CREATE FUNCTION sojourn_instant(value jsonb) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  spelled text;
  found timestamptz;
BEGIN
  IF jsonb_typeof(value) <> 'string' THEN
    RETURN NULL;
  END IF;
  spelled := value #>> '{}';
  IF length(spelled) NOT BETWEEN 10 AND 40 OR spelled !~ (
    '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
    '([Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?'
    '([Zz]|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?$') THEN
    RETURN NULL;
  END IF;
  spelled := regexp_replace(spelled, '(\.[0-9]{6})[0-9]+', '\1');
  IF length(spelled) = 10 THEN
    spelled := spelled || 'T00:00Z';
  ELSIF substr(spelled, 17) !~ '[Zz+-]' THEN
    spelled := spelled || 'Z';
  END IF;
  IF NOT pg_input_is_valid(spelled, 'timestamptz') THEN
    RETURN NULL;
  END IF;
  found := spelled::timestamptz;
  IF found BETWEEN '0001-01-01 00:00:00+00' AND '9999-12-31 23:59:59.999999+00' THEN
    RETURN found;
  END IF;
  RETURN NULL;
END $$
"""

SHIFT = """
CREATE FUNCTION sojourn_shift(
  start timestamptz, months integer, days integer, hours integer, minutes integer,
  seconds double precision
) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN least(
  greatest(
    (start AT TIME ZONE 'UTC' + make_interval(
      months => months, days => days, hours => hours, mins => minutes, secs => seconds
    )) AT TIME ZONE 'UTC',
    '0001-01-01 00:00:00+00'::timestamptz
  ),
  '9999-12-31 23:59:59.999999+00'::timestamptz
)
"""

# A duration longer than 4,000 years leads to the end of time, as in journeys.shifts.
MOMENT = r"""
CREATE FUNCTION sojourn_moment(value jsonb, moment_now timestamptz) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  spelled text;
  parts text[];
  sign integer;
  years bigint; months bigint; weeks bigint; days bigint; hours bigint; minutes bigint;
  seconds numeric;
BEGIN
  IF jsonb_typeof(value) <> 'string' THEN
    RETURN NULL;
  END IF;
  spelled := value #>> '{}';
  IF spelled !~ '^[+-]?P.*[^PT]$' THEN
    RETURN sojourn_instant(value);
  END IF;
  parts := regexp_match(spelled, '^([+-]?)P(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?'
    '(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?'
    '(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?$');
  IF parts IS NULL THEN
    RETURN NULL;
  END IF;
  sign := CASE parts[1] WHEN '-' THEN -1 ELSE 1 END;
  years := coalesce(parts[2], '0');
  months := coalesce(parts[3], '0');
  weeks := coalesce(parts[4], '0');
  days := coalesce(parts[5], '0');
  hours := coalesce(parts[6], '0');
  minutes := coalesce(parts[7], '0');
  seconds := trunc(coalesce(parts[8], '0')::numeric, 6);
  IF years * 31556952 + months * 2629746 + weeks * 604800 + days * 86400 + hours * 3600
      + minutes * 60 + trunc(seconds) > 4000 * 31556952::bigint THEN
    RETURN CASE sign WHEN 1 THEN '9999-12-31 23:59:59.999999+00' ELSE '0001-01-01 00:00:00+00' END;
  END IF;
  RETURN sojourn_shift(
    moment_now, (sign * (years * 12 + months))::integer, (sign * (weeks * 7 + days))::integer,
    (sign * hours)::integer, (sign * minutes)::integer, (sign * seconds)::double precision
  );
END $$
"""

SAME = """
CREATE FUNCTION sojourn_same(a jsonb, b jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  kind_a text := jsonb_typeof(a);
  kind_b text := jsonb_typeof(b);
BEGIN
  IF kind_a = kind_b AND kind_a IN ('string', 'number', 'boolean') THEN
    RETURN a = b;
  ELSIF kind_a = 'boolean' AND kind_b = 'string' THEN
    RETURN (b #>> '{}') IN (a::text, initcap(a::text), upper(a::text));
  ELSIF kind_b = 'boolean' AND kind_a = 'string' THEN
    RETURN (a #>> '{}') IN (b::text, initcap(b::text), upper(b::text));
  ELSIF kind_a IN ('string', 'number') AND kind_b IN ('string', 'number') THEN
    RETURN coalesce(sojourn_number(a) = sojourn_number(b), false);
  END IF;
  RETURN false;
END $$
"""

COMPARE = """
CREATE FUNCTION sojourn_compare(a jsonb, op text, b jsonb, moment_now timestamptz) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  kind_a text := jsonb_typeof(a);
  kind_b text := jsonb_typeof(b);
  sides integer;
  number_b numeric;
  moment_b timestamptz;
BEGIN
  IF a IS NULL OR b IS NULL OR kind_a = 'null' OR kind_b = 'null' THEN
    RETURN false;
  END IF;
  CASE op
    WHEN '=' THEN
      RETURN sojourn_same(a, b);
    WHEN '!=' THEN
      RETURN NOT sojourn_same(a, b);
    WHEN 'in', 'not_in' THEN
      RETURN (op = 'in') = EXISTS (
        SELECT FROM jsonb_array_elements(
          CASE kind_b WHEN 'array' THEN b ELSE jsonb_build_array(b) END
        ) AS item
        WHERE sojourn_same(a, item)
      );
    WHEN 'contains' THEN
      IF kind_a = 'array' THEN
        RETURN EXISTS (SELECT FROM jsonb_array_elements(a) AS item WHERE sojourn_same(item, b));
      END IF;
      RETURN kind_a = 'string' AND kind_b = 'string'
        AND strpos((a #>> '{}') COLLATE "C", (b #>> '{}') COLLATE "C") > 0;
    WHEN 'starts_with' THEN
      RETURN kind_a = 'string' AND kind_b = 'string'
        AND starts_with((a #>> '{}') COLLATE "C", (b #>> '{}') COLLATE "C");
    WHEN 'ends_with' THEN
      RETURN kind_a = 'string' AND kind_b = 'string'
        AND right(a #>> '{}', length(b #>> '{}')) = (b #>> '{}') COLLATE "C";
    WHEN 'before' THEN
      RETURN coalesce(sojourn_instant(a) < sojourn_moment(b, moment_now), false);
    WHEN 'after' THEN
      RETURN coalesce(sojourn_instant(a) > sojourn_moment(b, moment_now), false);
    ELSE
      number_b := sojourn_number(b);
      moment_b := CASE WHEN number_b IS NULL THEN sojourn_moment(b, moment_now) END;
      IF number_b IS NOT NULL THEN
        sides := sign(sojourn_number(a) - number_b);
      ELSIF moment_b IS NOT NULL THEN
        sides := CASE WHEN sojourn_instant(a) < moment_b THEN -1
                      WHEN sojourn_instant(a) = moment_b THEN 0
                      WHEN sojourn_instant(a) > moment_b THEN 1 END;
      ELSIF kind_a = 'string' AND kind_b = 'string' THEN
        sides := CASE WHEN (a #>> '{}') < (b #>> '{}') COLLATE "C" THEN -1
                      WHEN (a #>> '{}') = (b #>> '{}') COLLATE "C" THEN 0
                      ELSE 1 END;
      END IF;
      RETURN coalesce(
        CASE op WHEN '>' THEN sides > 0 WHEN '>=' THEN sides >= 0
                WHEN '<' THEN sides < 0 WHEN '<=' THEN sides <= 0 END,
        false
      );
  END CASE;
END $$
"""

WALK = """
CREATE FUNCTION sojourn_walk(document jsonb, name text) RETURNS SETOF jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS $$
DECLARE
  nodes jsonb[] := ARRAY[document];
  rest text := name;
  head text;
  dot integer;
BEGIN
  LOOP
    WHILE EXISTS (SELECT FROM unnest(nodes) AS node WHERE jsonb_typeof(node) = 'array') LOOP
      nodes := ARRAY(
        SELECT item FROM unnest(nodes) AS node, jsonb_array_elements(
          CASE jsonb_typeof(node) WHEN 'array' THEN node ELSE jsonb_build_array(node) END
        ) AS item
      );
    END LOOP;
    nodes := ARRAY(SELECT node FROM unnest(nodes) AS node WHERE jsonb_typeof(node) = 'object');
    RETURN QUERY SELECT node -> rest FROM unnest(nodes) AS node WHERE node ? rest;
    dot := strpos(rest, '.');
    EXIT WHEN dot = 0;
    head := left(rest, dot - 1);
    nodes := ARRAY(
      SELECT node -> head FROM unnest(nodes) AS node WHERE NOT node ? rest AND node ? head
    );
    EXIT WHEN cardinality(nodes) = 0;
    rest := substr(rest, dot + 1);
  END LOOP;
END $$
"""

# Null when nothing is there, the one value when one is, all of them as one list when several are.
VALUES = """
CREATE FUNCTION sojourn_values(document jsonb, name text) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
  SELECT CASE
    WHEN count(*) < 2 THEN (array_agg(value))[1]
    ELSE (
      SELECT coalesce(jsonb_agg(item), '[]')
      FROM unnest(array_agg(value)) AS found, jsonb_array_elements(
        CASE jsonb_typeof(found) WHEN 'array' THEN found ELSE jsonb_build_array(found) END
      ) AS item
    )
  END
  FROM sojourn_walk(document, name) AS value
  WHERE jsonb_typeof(value) <> 'null'
)
"""

# AT TIME ZONE raises on an unknown name, and pg_timezone_names reads a file for each zone. Whether
# a timestamptz may end in the name tells the same in microseconds; the pattern keeps out what else
# may stand there (abbreviations, POSIX rules), and four names that are abbreviations too are
# respelled.
ZONE = r"""
CREATE FUNCTION sojourn_zone(wanted text, fallback text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  zone text;
BEGIN
  FOREACH zone IN ARRAY ARRAY[wanted, fallback] LOOP
    IF length(zone) <= 64 AND zone ~* (
      '^((Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe'
      '|Indian|Mexico|Pacific|US)(/[A-Z_-]+)+|(Etc/)?GMT([+-]?0)?'
      '|Etc/GMT(\+([1-9]|1[0-2])|-([1-9]|1[0-4]))|CET|CST6CDT|Cuba|EET|EST|EST5EDT|Egypt|Eire'
      '|Factory|GB|GB-Eire|Greenwich|HST|Hongkong|Iceland|Iran|Israel|Jamaica|Japan|Kwajalein'
      '|Libya|MET|MST|MST7MDT|NZ|NZ-CHAT|Navajo|PRC|PST8PDT|Poland|Portugal|ROC|ROK|Singapore'
      '|Turkey|UCT|UTC|Universal|W-SU|WET|Zulu)$'
    ) AND pg_input_is_valid('2000-01-01 00:00 ' || zone, 'timestamptz') THEN
      RETURN CASE upper(zone) WHEN 'CET' THEN 'Europe/Brussels' WHEN 'MET' THEN 'Europe/Brussels'
        WHEN 'EET' THEN 'Europe/Athens' WHEN 'WET' THEN 'Europe/Lisbon' ELSE zone END;
    END IF;
  END LOOP;
  RETURN 'UTC';
END $$
"""

# A version goes only with its workflow (or its whole workspace): the cascade has then removed that.
IMMUTABLE_VERSION = """
CREATE FUNCTION sojourn_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    RAISE EXCEPTION 'a published workflow version cannot be changed'
      USING ERRCODE = 'integrity_constraint_violation';
  ELSIF EXISTS (SELECT FROM workflows WHERE id = OLD.workflow_id)
      AND EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
    RAISE EXCEPTION 'a published workflow version goes only with its workflow'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END $$
"""
TRIGGERS = (
    """
    CREATE TRIGGER keep_version_unchanged BEFORE UPDATE ON workflow_versions FOR EACH ROW
    WHEN (OLD.definition IS DISTINCT FROM NEW.definition OR OLD.version <> NEW.version
          OR OLD.workflow_id <> NEW.workflow_id OR OLD.id <> NEW.id)
    EXECUTE FUNCTION sojourn_keep_version()
    """,
    """
    CREATE TRIGGER keep_version BEFORE DELETE ON workflow_versions FOR EACH ROW
    EXECUTE FUNCTION sojourn_keep_version()
    """,
)
FUNCTIONS = (NUMBER, INSTANT, SHIFT, MOMENT, SAME, COMPARE, WALK, VALUES, ZONE, IMMUTABLE_VERSION)


def upgrade() -> None:
    # Not op.execute: it would take the `:` of a regular expression for a parameter.
    connection = op.get_bind()
    for statement in (*FUNCTIONS, *TRIGGERS):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    connection = op.get_bind()
    for trigger in ("keep_version_unchanged", "keep_version"):
        connection.exec_driver_sql(f"DROP TRIGGER {trigger} ON workflow_versions")
    for name in (
        "sojourn_keep_version", "sojourn_zone", "sojourn_values", "sojourn_walk",
        "sojourn_compare", "sojourn_same", "sojourn_moment", "sojourn_shift",
        "sojourn_instant", "sojourn_number",
    ):  # fmt: skip
        connection.exec_driver_sql(f"DROP FUNCTION {name}")
