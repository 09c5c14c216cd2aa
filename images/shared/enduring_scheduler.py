"""Keeps the threads of Odoo's scheduler alive.

Where Odoo serves by threads, nobody starts one again that ended, and from 17 on such a thread ends with the first error of its connection: a server that
starts again while it connects would end all scheduled actions, for as long as the process runs.
"""

import functools
import logging
import time

import odoo.service.server as server

_logger = logging.getLogger(__name__)

#: Odoo itself looks once a minute at the least.
PAUSE_SECONDS = 3


def enduring(cron_thread):
    @functools.wraps(cron_thread)
    def endures(self, number):
        while True:
            try:
                return cron_thread(self, number)
            except Exception as error:
                _logger.warning("scheduler %s ended, and begins again in %s s: %s", number, PAUSE_SECONDS, str(error).strip())
            time.sleep(PAUSE_SECONDS)

    return endures


server.ThreadedServer.cron_thread = enduring(server.ThreadedServer.cron_thread)
