"""Loaded server-wide, before any database is opened: nothing of it lives in a database, so no tenant can remove it."""

import configparser
import functools
import logging
import sys

import odoo.http
import odoo.service.db
import odoo.service.server
from odoo.exceptions import AccessDenied
from odoo.tools import config
from werkzeug.exceptions import BadGateway

_logger = logging.getLogger(__name__)

#: Set once everything below is closed; the process ends when it is not.
READY = False


def _told(name, otherwise):
    """What the configuration says in its section `ballast`, which Odoo itself does not read."""
    parser = configparser.RawConfigParser()
    parser.read(config["config"])
    return parser.get("ballast", name, fallback=otherwise)


def _refuse_database_service(method, params):
    _logger.warning("RPC service 'db' was called (%s) and refused", method)
    raise AccessDenied("The database service is closed: databases are managed by Ballast.")


def _without_traceback(serialize):
    @functools.wraps(serialize)
    def serialized(*args, **kwargs):
        body = serialize(*args, **kwargs)
        # The key stays: Odoo's web client reads it. The traceback itself is in the log.
        body["debug"] = ""
        return body

    return serialized


def _spawn_no_websocket(self):
    """A master of workers starts a process for the websocket beside them; here it runs in a container of its own."""


def _not_for_a_lost_database(logout):
    # Odoo logs out whoever asks for a page while PostgreSQL is away. 502 is the answer to which its web client says "connection lost" and waits.
    @functools.wraps(logout)
    def logged_out(self, *args, **kwargs):
        if self.uid and isinstance(sys.exc_info()[1], odoo.http.RegistryError):
            raise BadGateway("The database does not answer at the moment. Nobody was logged out.")
        return logout(self, *args, **kwargs)

    return logged_out


def post_load():
    global READY
    if _told("websocket", "here") == "elsewhere":
        odoo.service.server.PreforkServer.long_polling_spawn = _spawn_no_websocket
    odoo.service.db.dispatch = _refuse_database_service
    odoo.http.serialize_exception = _without_traceback(odoo.http.serialize_exception)
    odoo.http.Session.logout = _not_for_a_lost_database(odoo.http.Session.logout)
    _logger.info("database service closed, tracebacks stay in the log")
    READY = True
