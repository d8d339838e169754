#!/bin/sh
# Creates Temporal's two databases, or brings them to this version's schema. Safe to run at every
# start: what is there already is left alone.
# temporal-sql-tool reads SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD and SQL_PLUGIN by itself.
set -eu

schema=/etc/temporal/schema/postgresql/v12

prepare() {
    database=$1
    versions=$schema/$2/versioned
    temporal-sql-tool --db "$database" create
    temporal-sql-tool --db "$database" setup-schema -v 0.0
    temporal-sql-tool --db "$database" update-schema -d "$versions"
}

prepare temporal temporal
prepare temporal_visibility visibility
