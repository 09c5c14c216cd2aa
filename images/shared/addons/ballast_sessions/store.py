"""The session store that Odoo asks: the same methods as its own one that keeps files."""

import hashlib
import json
import random

import odoo.http
from odoo import tools
from odoo.addons.ballast_guard import nobody

from . import values

#: Seconds of a week: how long Odoo keeps sessions that nobody uses.
LIFETIME = 7 * 24 * 3600
#: Odoo 18 and later find all sessions of a device by the first characters of their ids.
IDENTIFIER = 42


def make(cache, table):
    base = getattr(odoo.http, "FilesystemSessionStore", None)
    if base is None:
        base = odoo.http.sessions.FilesystemSessionStore
    session_class = getattr(odoo.http, "Session", None) or odoo.http.OpenERPSession

    class SessionStore(base):
        def get(self, sid):
            if not sid or not self.is_valid_key(sid):
                return self.new()
            content = self._read(sid)
            if content is None:
                return self.new()
            return self.session_class(content, sid, False)

        def _read(self, sid):
            key = _key(sid)
            text = cache.get(key)
            if text is None:
                text = table.get(key)
                if text is None:
                    return self._read_nobody(sid, key)
                cache.put(key, text)
            return json.loads(text, object_hook=values.decode)

        def _read_nobody(self, sid, key):
            kept = table.get(nobody.place(sid))
            owner, text = json.loads(kept) if kept else (None, None)
            return json.loads(text, object_hook=values.decode) if owner == key else None

        def save(self, session):
            key = _key(session.sid)
            text = json.dumps(dict(session), default=values.encode)
            if session.get("uid"):
                table.put(key, session.sid[:IDENTIFIER], text)
                cache.put(key, text)
                return
            # Otherwise what was kept while it was somebody's would be found first.
            self.delete(session)
            if nobody.is_small(text):
                table.put(nobody.place(session.sid), session.sid[:IDENTIFIER], json.dumps([key, text]))

        def delete(self, session):
            key = _key(session.sid)
            table.drop(key)
            cache.drop([key])

        def list(self):
            raise NotImplementedError("ids of sessions are not kept, only their hashes")

        def vacuum(self, max_lifetime=LIFETIME):
            cache.drop(table.drop_older(max_lifetime))

        def vacuum_sometimes(self):
            if random.random() < 0.001:
                self.vacuum()

        def get_missing_session_identifiers(self, identifiers):
            wanted = set(identifiers)
            return wanted - table.known_identifiers(wanted)

        def delete_from_identifiers(self, identifiers):
            if isinstance(identifiers, str):
                raise ValueError("a list of identifiers is wanted")
            cache.drop(table.drop_identifiers(identifiers))

    path = tools.config.session_dir
    return SessionStore(path, session_class=session_class, renew_missing=True)


def _key(sid):
    """Who reads the table or the cache must not be able to become somebody: the id itself is in neither."""
    return hashlib.sha256(sid.encode()).hexdigest()
