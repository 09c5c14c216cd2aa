"""Loaded server-wide, before any database is opened: nothing of it lives in a database, so no tenant can remove it."""

import logging

import odoo.http
import odoo.service.db
import odoo.service.server
from odoo.tools import config

from . import alive, barcodes, bodies, common, nobody

_logger = logging.getLogger(__name__)

#: Set once everything below is closed; the process ends when it is not.
READY = False


def post_load():
    global READY
    if common.told(config["config"], "websocket", "here") == "elsewhere":
        odoo.service.server.PreforkServer.long_polling_spawn = common.spawn_nothing
    odoo.service.db.dispatch = common.refuse_database_service
    odoo.http.serialize_exception = common.without_traceback(odoo.http.serialize_exception)
    odoo.http.Session.logout = common.not_for_a_lost_database(odoo.http.Session.logout, odoo.http.RegistryError)
    odoo.http.FilesystemSessionStore = nobody.bounded(odoo.http.FilesystemSessionStore)
    odoo.http.Application.__call__ = barcodes.bounded(odoo.http.Application.__call__)
    odoo.http.Application.__call__ = bodies.bounded(odoo.http.Application.__call__, config["db_maxconn"])
    alive.begin()
    _logger.info("database service closed, tracebacks stay in the log")
    READY = True
