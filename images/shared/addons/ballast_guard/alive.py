"""A sign of life outside the queue of requests: a process that is only too busy gives it, a process that hangs does not."""

import os
import threading
import time

#: In memory of the container; the health check looks at its age.
FILE = "/tmp/.ballast-alive"
EVERY_SECONDS = 5


def _touch():
    # Without following a link: code of a tenant runs as the same user and may have put one here.
    handle = os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    try:
        os.utime(handle)
    finally:
        os.close(handle)


def _give_for_ever():
    while True:
        try:
            _touch()
        except OSError:
            # A full or closed folder is no death: the check fails, and the next sign is tried as usual.
            pass
        time.sleep(EVERY_SECONDS)


def begin():
    """One thread of the process that was started; processes that it forks later have none, and are watched by it as Odoo does."""
    threading.Thread(target=_give_for_ever, name="ballast.alive", daemon=True).start()
