#!/bin/sh
# Run once by the postgres image, on an empty data directory: Temporal gets a role of its own, which
# may create its databases and cannot read Sojourn's.
set -eu

psql --set ON_ERROR_STOP=1 --set "password=$TEMPORAL_DATABASE_PASSWORD" \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'password';
SQL
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --command "REVOKE CONNECT ON DATABASE \"$POSTGRES_DB\" FROM PUBLIC"
