"""Loaded server-wide, before any database is opened: nothing of it lives in a database, so no tenant can remove it."""

import functools
import logging

import odoo.http
import odoo.service.db
from odoo.exceptions import AccessDenied

_logger = logging.getLogger(__name__)


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


def post_load():
    odoo.service.db.dispatch = _refuse_database_service
    odoo.http.serialize_exception = _without_traceback(odoo.http.serialize_exception)
    _logger.info("database service closed, tracebacks stay in the log")
