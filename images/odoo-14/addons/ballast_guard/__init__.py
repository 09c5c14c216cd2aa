"""Loaded server-wide, before any database is opened: nothing of it lives in a database, so no tenant can remove it."""

import functools
import logging

import odoo.addons.web.controllers.main as web
import odoo.http
import odoo.service.db
import odoo.service.server
import odoo.tools
import psycopg2
import werkzeug.wrappers
from odoo.exceptions import AccessDenied

from . import alive, barcodes, bodies, common, nobody

_logger = logging.getLogger(__name__)

#: Set once everything below is closed; the process ends when it is not.
READY = False

_LOST = (psycopg2.OperationalError, psycopg2.ProgrammingError)


def _own_database_only(authenticate):
    # Up to 15.0 the session opens whatever database the request names; from 16.0 on Odoo looks at its filter first.
    @functools.wraps(authenticate)
    def authenticated(self, db, *args, **kwargs):
        if db not in (odoo.tools.config["db_name"] or "").split(","):
            _logger.warning("a session in another database was asked for and refused")
            raise AccessDenied()
        return authenticate(self, db, *args, **kwargs)

    return authenticated


def _without_files(save):
    # What is sent with a form of a session that ended would be kept for whoever signs in next; Odoo itself fails at it, and leaves an empty file each time.
    @functools.wraps(save)
    def saved(self):
        if not odoo.http.request.httprequest.files:
            save(self)

    return saved


def post_load():
    global READY
    if common.told(odoo.tools.config.rcfile, "websocket", "here") == "elsewhere":
        odoo.service.server.PreforkServer.long_polling_spawn = common.spawn_nothing
    odoo.service.db.dispatch = common.refuse_database_service
    odoo.http.OpenERPSession.authenticate = _own_database_only(odoo.http.OpenERPSession.authenticate)
    # The web client's controllers hold the function under a name of their own.
    odoo.http.serialize_exception = web._serialize_exception = common.without_traceback(odoo.http.serialize_exception)
    odoo.http.OpenERPSession.logout = common.not_for_a_lost_database(odoo.http.OpenERPSession.logout, _LOST)
    odoo.http.OpenERPSession.save_request_data = _without_files(odoo.http.OpenERPSession.save_request_data)
    odoo.http.sessions.FilesystemSessionStore = nobody.bounded(odoo.http.sessions.FilesystemSessionStore)
    werkzeug.wrappers.Request.max_form_memory_size = bodies.MOST_FORM_BYTES
    odoo.http.Root.__call__ = barcodes.bounded(odoo.http.Root.__call__)
    odoo.http.Root.__call__ = bodies.bounded(odoo.http.Root.__call__, odoo.tools.config["db_maxconn"])
    alive.begin()
    _logger.info("database service closed, tracebacks stay in the log")
    READY = True
