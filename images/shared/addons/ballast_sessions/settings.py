"""What the configuration says in the section of this addon, which Odoo itself does not read."""

import configparser

from odoo.tools import config


def _path():
    try:
        return config["config"]
    except KeyError:
        return config.rcfile


def read():
    parser = configparser.RawConfigParser()
    parser.read(_path() or config.rcfile)
    section = parser["ballast_sessions"]
    return {
        "host": section["host"],
        "port": int(section["port"]),
        "user": section["user"],
        "password": section["password"],
        "prefix": section["prefix"],
        "database": parser["options"]["db_name"],
    }
