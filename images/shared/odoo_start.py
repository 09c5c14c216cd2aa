"""Starts Odoo, and only with everything that Ballast relies on: Odoo itself logs a server-wide module that fails and serves without it.

A module may set READY once its `post_load` is through; one that is missing, or says that it is not ready, ends the process.
"""

import sys

import odoo.cli
import odoo.service.server as server
from odoo.tools import config

import enduring_scheduler  # noqa: F401  it changes what Odoo starts
import missing_assets
import own_bus  # noqa: F401  after `odoo.cli`, which readies the interpreter; it changes what Odoo looks up when it connects

_load = server.load_server_wide_modules


def _wanted():
    modules = config["server_wide_modules"]
    return modules.split(",") if isinstance(modules, str) else list(modules)


def load_server_wide_modules():
    _load()
    missing = []
    for name in _wanted():
        module = sys.modules.get("odoo.addons." + name)
        if module is None or not getattr(module, "READY", True):
            missing.append(name)
    if missing:
        sys.exit("server-wide modules that failed to load: %s; nothing is served without them" % ", ".join(missing))
    database = own_bus.own_database()
    if database is not None:
        missing_assets.forget_missing_assets(database)


server.load_server_wide_modules = load_server_wide_modules

if __name__ == "__main__":
    odoo.cli.main()
