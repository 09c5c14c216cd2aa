"""Loaded server-wide beside queue_job, in the one container of a database that runs its queued jobs.

The runner of queue_job passes over a database in which its module is not installed, and serves without a word; here the process ends.
Jobs run in this container alone, so whatever is marked as running when it starts was cut off with the one before. Newer series of
queue_job find such jobs by a lock of their own; the older ones would leave them, and each would hold a place in the queue for ever.
"""

import logging
import sys

import psycopg2

import odoo.release
import odoo.sql_db
from odoo.tools import config

_logger = logging.getLogger(__name__)

#: Set once the queue is there and nothing in it is stuck; the process ends when it is not.
READY = False

#: The first series whose queue_job gives back the jobs of a dead process by itself.
FINDS_DEAD_JOBS = 18

GIVE_BACK = """
UPDATE queue_job SET
    state = CASE WHEN max_retries > 0 AND retry >= max_retries THEN 'failed' ELSE 'pending' END,
    exc_name = CASE WHEN max_retries > 0 AND retry >= max_retries THEN 'JobFoundDead' ELSE exc_name END,
    exc_info = CASE WHEN max_retries > 0 AND retry >= max_retries THEN 'cut off too often' ELSE exc_info END,
    retry = CASE WHEN state = 'started' THEN retry + 1 ELSE retry END,
    date_enqueued = NULL,
    date_started = NULL
WHERE state IN ('started', 'enqueued')
RETURNING uuid
"""


def _database():
    names = config["db_name"]
    return names.split(",")[0] if isinstance(names, str) else names[0]


def post_load():
    global READY
    database = _database()
    # A connection of its own, closed before any process is forked: the pool's would be shared by all of them.
    connection = psycopg2.connect(**odoo.sql_db.connection_info_for(database)[1])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('queue_job') IS NOT NULL")
            if not cursor.fetchone()[0]:
                sys.exit("the module queue_job is not installed in %s: install it there, then start the jobs again" % database)
            if odoo.release.version_info[0] < FINDS_DEAD_JOBS:
                cursor.execute(GIVE_BACK)
                if cursor.rowcount > 0:
                    _logger.warning("%d jobs were cut off when this container last ended, and are queued again", cursor.rowcount)
    finally:
        connection.close()
    READY = True
