"""Has Odoo's bus and scheduler meet in the tenant's own database.

Odoo sends and hears notifications in the database `postgres`, which all tenants of a server would share: each would hear the others and could silence
them. PostgreSQL keeps notifications inside one database, so the own one is a wall.
"""

import configparser
import functools
import os
import sys

import odoo.sql_db
from odoo.tools import config

COMMON = "postgres"
#: Who only sends or asks takes an ordinary connection. Whoever else comes may listen, and gets one that no pooler gives to others between transactions.
PASSING = {
    ("odoo.addons.bus.models.bus", "notify"),
    ("odoo.addons.base.models.ir_cron", "_notifydb"),
    ("odoo.addons.web.controllers.home", "health"),
    ("odoo.service.db", "_create_empty_database"),
    ("odoo.service.db", "list_dbs"),
}


def own_database():
    """The one database that the configuration names, or nothing."""
    names = config["db_name"] or ()
    names = names.split(",") if isinstance(names, str) else list(names)
    return names[0] if len(names) == 1 else None


@functools.lru_cache(maxsize=1)
def _server():
    """Where a connection lasts, as the configuration says in a section that Odoo itself does not read; nothing where every connection does."""
    path = config.rcfile if "rcfile" in vars(config) else config["config"]
    parser = configparser.RawConfigParser()
    parser.read(path)
    said = {name: parser.get("ballast", "listen_" + name, fallback=None) for name in ("host", "port")}
    return {name: value for name, value in said.items() if value}


def _caller():
    frame = sys._getframe(2)
    return frame.f_globals.get("__name__"), frame.f_code.co_name


def own_bus(connect):
    @functools.wraps(connect)
    def connected(to, *args, **kwargs):
        database = own_database() if to == COMMON else None
        if database is None:
            return connect(to, *args, **kwargs)
        if _caller() in PASSING:
            return connect(database, *args, **kwargs)
        connect(database)  # makes the pool of this process
        _, info = odoo.sql_db.connection_info_for(database)
        # Under a name of its own, so that it is never taken for an ordinary one; under this database's name Odoo ends it after use.
        info = {**info, **_server(), "application_name": "odoo-bus-%s" % os.getpid()}
        return odoo.sql_db.Connection(odoo.sql_db._Pool, COMMON, info)

    return connected


odoo.sql_db.db_connect = own_bus(odoo.sql_db.db_connect)
