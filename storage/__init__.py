"""PostgreSQL: tables, the engine, one repository a table group. Nobody here commits."""
