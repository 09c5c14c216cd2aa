"""A corner of Redis that may go away at any time."""

import logging
import threading
import time

import redis

_logger = logging.getLogger(__name__)

#: Seconds that an answer may take; a page must not wait for a cache.
PATIENCE = 0.25
#: Seconds without reading again after it did not answer.
PAUSE = 5.0
#: Seconds that an entry lives. Bounds how long another process may believe an entry that this one could not take back.
LIFETIME = 60


class Cache:
    """Reads are left out while Redis does not answer. Writes never are: an entry that should be gone must not be believed later."""

    def __init__(self, told):
        self._prefix = told["prefix"] + "session:"
        self._asleep_until = 0.0
        self._owed = set()
        self._lock = threading.Lock()
        self._redis = redis.Redis(
            host=told["host"],
            port=told["port"],
            username=told["user"],
            password=told["password"],
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            health_check_interval=0,
        )

    def get(self, key):
        if time.monotonic() < self._asleep_until or not self._settle():
            return None
        answered, value = self._ask(lambda: self._redis.get(self._prefix + key))
        return value if answered else None

    def put(self, key, text):
        answered, _ = self._ask(lambda: self._redis.set(self._prefix + key, text, ex=LIFETIME))
        self._remember([] if answered else [key])

    def drop(self, keys):
        if not keys:
            return
        answered, _ = self._ask(lambda: self._redis.delete(*[self._prefix + key for key in keys]))
        self._remember([] if answered else keys)

    def _remember(self, keys):
        with self._lock:
            self._owed.update(keys)

    def _settle(self):
        """Takes back what could not be taken back before; true when nothing is owed any more."""
        with self._lock:
            owed = list(self._owed)
        if not owed:
            return True
        answered, _ = self._ask(lambda: self._redis.delete(*[self._prefix + key for key in owed]))
        if answered:
            with self._lock:
                self._owed.difference_update(owed)
        return answered

    def _ask(self, question):
        try:
            return True, question()
        except redis.RedisError as error:
            if time.monotonic() >= self._asleep_until:
                _logger.warning("Redis does not answer (%s): sessions come from the database for %d s", error, PAUSE)
            self._asleep_until = time.monotonic() + PAUSE
            return False, None
