"""What Odoo and its addons put into sessions and JSON has no word for."""

import datetime

_TAG = "__ballast__"


def encode(value):
    if isinstance(value, datetime.datetime):
        return {_TAG: "datetime", "value": value.isoformat()}
    if isinstance(value, datetime.date):
        return {_TAG: "date", "value": value.isoformat()}
    if isinstance(value, (set, frozenset)):
        return {_TAG: "set", "value": sorted(value)}
    if isinstance(value, bytes):
        return {_TAG: "bytes", "value": value.hex()}
    if hasattr(value, "items"):
        return dict(value)
    raise TypeError("a %s cannot be kept in a session" % type(value).__name__)


def decode(mapping):
    kind = mapping.get(_TAG)
    if kind is None:
        return mapping
    value = mapping["value"]
    if kind == "datetime":
        return datetime.datetime.fromisoformat(value)
    if kind == "date":
        return datetime.date.fromisoformat(value)
    if kind == "set":
        return set(value)
    return bytes.fromhex(value)
