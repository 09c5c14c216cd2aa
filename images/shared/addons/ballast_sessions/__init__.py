"""Loaded server-wide where several process groups share sessions.

A session is written to the tenant's own database first and to Redis after it; it is read from Redis, and from the database when
Redis does not have it or does not answer. So Redis may be emptied, stopped or killed at any time: nobody is logged out, and no
request fails for it. Values are JSON, never pickles: whoever can write to the cache must not be able to run code here.
"""

import logging

import odoo.http

from . import cache, settings, store, table

_logger = logging.getLogger(__name__)

#: Set once sessions go where they should; the process ends when they do not.
READY = False


def post_load():
    global READY
    told = settings.read()
    kept = store.make(cache.Cache(told), table.Table(told["database"]))
    # Odoo 16 renamed the class; both read the store as an attribute of the one application.
    application = getattr(odoo.http, "Application", None) or odoo.http.Root
    application.session_store = property(lambda self: kept)
    if hasattr(odoo.http, "session_gc"):
        odoo.http.session_gc = lambda session_store: session_store.vacuum_sometimes()
    _logger.info("sessions are kept in the database and cached in Redis at %s", told["host"])
    READY = True
