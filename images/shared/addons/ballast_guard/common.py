"""What is closed in every series in the same way."""

import configparser
import functools
import logging
import sys

from odoo.exceptions import AccessDenied
from werkzeug.exceptions import BadGateway

_logger = logging.getLogger(__name__)


def told(path, name, otherwise):
    """What the configuration says in its section `ballast`, which Odoo itself does not read."""
    parser = configparser.RawConfigParser()
    parser.read(path)
    return parser.get("ballast", name, fallback=otherwise)


def refuse_database_service(method, params):
    _logger.warning("RPC service 'db' was called (%s) and refused", method)
    raise AccessDenied("The database service is closed: databases are managed by Ballast.")


def spawn_nothing(self):
    """A master of workers starts a process for the websocket or long polling beside them; here it runs in a container of its own."""


def without_traceback(serialize):
    @functools.wraps(serialize)
    def serialized(*args, **kwargs):
        body = serialize(*args, **kwargs)
        # The key stays: Odoo's web client reads it. The traceback itself is in the log.
        body["debug"] = ""
        return body

    return serialized


def not_for_a_lost_database(logout, lost):
    # Odoo logs out whoever asks for a page while PostgreSQL is away. 502 is the answer to which its web client says "connection lost" and waits.
    @functools.wraps(logout)
    def logged_out(self, *args, **kwargs):
        if self.uid and isinstance(sys.exc_info()[1], lost):
            raise BadGateway("The database does not answer at the moment. Nobody was logged out.")
        return logout(self, *args, **kwargs)

    return logged_out
