"""Loaded server-wide: the cookies that Odoo sets, its session's among them, are `Secure`, and `SameSite=Lax` where Odoo says nothing.

Odoo itself says neither. People reach it by TLS alone, and browsers of today take a cookie that says nothing for `Lax` anyhow,
except for its first two minutes; the device that is trusted with one factor says `Lax` itself, and is given `Secure` here.
"""

import functools

import werkzeug.wrappers

#: Set once no cookie can be made without them; the process ends when that is not so.
READY = False


def _guarded(set_cookie):
    @functools.wraps(set_cookie)
    def guarded(self, *args, **kwargs):
        kwargs["secure"] = True
        kwargs["samesite"] = kwargs.get("samesite") or "Lax"
        return set_cookie(self, *args, **kwargs)

    return guarded


def post_load():
    global READY
    # All of Odoo's answers, those of errors too, come to this one, whatever they are called in a series.
    werkzeug.wrappers.Response.set_cookie = _guarded(werkzeug.wrappers.Response.set_cookie)
    READY = True
