"""Sessions in the tenant's own database: the place that counts."""

import threading

import odoo

CREATE = """
CREATE TABLE IF NOT EXISTS ballast_session (
    key text PRIMARY KEY,
    identifier text NOT NULL,
    content text NOT NULL,
    written timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS ballast_session_identifier ON ballast_session (identifier);
CREATE INDEX IF NOT EXISTS ballast_session_written ON ballast_session (written)
"""


class Table:
    def __init__(self, database):
        self._database = database
        self._made = False
        self._making = threading.Lock()

    def get(self, key):
        # Reading keeps a session alive, at the price of one write a day.
        rows = self._run(
            """
            WITH kept AS (
                UPDATE ballast_session SET written = now()
                WHERE key = %(key)s AND written < now() - interval '1 day'
            )
            SELECT content FROM ballast_session WHERE key = %(key)s
            """,
            {"key": key},
        )
        return rows[0][0] if rows else None

    def put(self, key, identifier, content):
        self._run(
            """
            INSERT INTO ballast_session (key, identifier, content) VALUES (%(key)s, %(identifier)s, %(content)s)
            ON CONFLICT (key) DO UPDATE SET content = excluded.content, written = now()
            RETURNING key
            """,
            {"key": key, "identifier": identifier, "content": content},
        )

    def drop(self, key):
        self._run("DELETE FROM ballast_session WHERE key = %(key)s RETURNING key", {"key": key})

    def drop_identifiers(self, identifiers):
        rows = self._run("DELETE FROM ballast_session WHERE identifier = ANY(%(all)s) RETURNING key", {"all": list(identifiers)})
        return [row[0] for row in rows]

    def known_identifiers(self, identifiers):
        rows = self._run("SELECT DISTINCT identifier FROM ballast_session WHERE identifier = ANY(%(all)s)", {"all": list(identifiers)})
        return {row[0] for row in rows}

    def drop_older(self, seconds):
        rows = self._run(
            "DELETE FROM ballast_session WHERE written < now() - make_interval(secs => %(age)s) RETURNING key", {"age": seconds}
        )
        return [row[0] for row in rows]

    def _run(self, query, values):
        cursor = odoo.sql_db.db_connect(self._database).cursor()
        try:
            # Two requests of one browser may write the same session at once; the later one counts, none is repeated.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            self._make(cursor)
            cursor.execute(query, values)
            rows = cursor.fetchall()
            cursor.commit()
            return rows
        finally:
            cursor.close()

    def _make(self, cursor):
        if self._made:
            return
        with self._making:
            cursor.execute("SELECT to_regclass('ballast_session') IS NOT NULL")
            if not cursor.fetchone()[0]:
                # Process groups start together; who comes second finds the table.
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ballast_session'))")
                cursor.execute(CREATE)
                cursor.commit()
                cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            self._made = True
