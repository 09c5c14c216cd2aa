"""A corner of Redis that may go away at any time."""

import logging
import time

import redis

_logger = logging.getLogger(__name__)

#: Seconds that an answer may take; a page must not wait for a cache.
PATIENCE = 0.25
#: Seconds without asking again after it did not answer.
PAUSE = 5.0
#: Seconds that an entry lives. Bounds how long a value may be trusted that could not be overwritten while Redis was out of reach.
LIFETIME = 300


class Cache:
    def __init__(self, told):
        self._prefix = told["prefix"] + "session:"
        self._asleep_until = 0.0
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
        return self._ask(lambda: self._redis.get(self._prefix + key))

    def put(self, key, text):
        self._ask(lambda: self._redis.set(self._prefix + key, text, ex=LIFETIME))

    def drop(self, keys):
        if keys:
            self._ask(lambda: self._redis.delete(*[self._prefix + key for key in keys]))

    def _ask(self, question):
        if time.monotonic() < self._asleep_until:
            return None
        try:
            return question()
        except redis.RedisError as error:
            self._asleep_until = time.monotonic() + PAUSE
            _logger.warning("Redis does not answer (%s): sessions come from the database for %d s", error, PAUSE)
            return None
