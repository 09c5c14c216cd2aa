"""Bounds what those who did not sign in leave on the disk.

Odoo keeps a file for whoever asks, for a week: 60 kB for each request with a long `?debug=`, and in 14.0 a file for each request without a cookie. Here the
sessions of all who did not sign in share a fixed number of places. What is written to a place takes it from whoever had it before.
"""

import hashlib
import json
import os

#: Each takes a block of the disk: 64 MiB in all.
PLACES = 16_384
#: A session of nobody has some 200 bytes; a shop's has the numbers of what was looked at too.
MOST_BYTES = 4096
#: The name of the folder; those of Odoo have two characters, or there are none.
FOLDER = "nobody"
_OWNER = "ballast_owner"


def place(sid):
    return "nobody-%05d" % (int.from_bytes(hashlib.sha256(sid.encode()).digest()[:8], "big") % PLACES)


def is_small(text):
    return len(text) <= MOST_BYTES


class _Kept(dict):
    """What the stores of every series can save: a mapping, and an id."""

    sid = None


def bounded(base):
    """The store of files that Odoo has, in which whoever did not sign in has a place instead of a file."""

    class Places(base):
        def get_session_filename(self, sid):
            return os.path.join(self.path, place(sid))

        def keep(self, session):
            if not is_small(json.dumps(dict(session), default=str)):
                return
            kept = _Kept(session)
            kept[_OWNER] = kept.sid = session.sid
            self.save(kept)

        def find(self, sid):
            content = dict(self.get(sid))
            return self.session_class(content, sid, False) if content.pop(_OWNER, None) == sid else None

        def leave(self, sid):
            found = self.find(sid)
            if found is not None:
                self.delete(found)

    class Bounded(base):
        def __init__(self, path=None, *args, **kwargs):
            super().__init__(path, *args, **kwargs)
            folder = os.path.join(self.path, FOLDER)
            os.makedirs(folder, exist_ok=True)
            self._places = Places(folder, *args, **kwargs)

        def save(self, session):
            if session.get("uid"):
                super().save(session)
                return
            # Otherwise the file of a time when it was somebody's would be found first.
            super().delete(session)
            self._places.keep(session)

        def get(self, sid):
            if not self.is_valid_key(sid) or os.path.exists(self.get_session_filename(sid)):
                return super().get(sid)
            found = self._places.find(sid)
            return super().get(sid) if found is None else found

        def delete(self, session):
            super().delete(session)
            self._places.leave(session.sid)

    return Bounded
