"""Bounds what the bodies of requests may take of this process's memory, before any code of Odoo sees them.

A list in JSON takes some twenty times its text: 100 MB that nobody signed in for ended the whole process. And Odoo takes a connection to the database before it
reads a body: whoever sent fifty of them a byte at a time had them all.
"""

import io
import threading

from .refusal import begin, refuse

#: The ingress asks whoever sends a body for its length; what comes without one is small, or is cut off here.
MOST_UNSAID_BYTES = 1024 * 1024
#: By content type, what separates the parts of a body, and how many may be in one. A large import has a hundred thousand lists and values, and five times as
#: many take about 60 MiB; a form has some hundred fields.
_JSON = ((b",", b"[", b"{"), 500_000)
_FORM = ((b"&",), 50_000)
_KINDS = {"application/json": _JSON, "application/json-rpc": _JSON, "application/x-www-form-urlencoded": _FORM}
#: Of the fields of one form, as Odoo 19 says itself; in 14 nothing does. Files are none.
MOST_FORM_BYTES = 10 * 1024 * 1024
#: Of the memory of the container, for all bodies of JSON together that are being read. As text each may take four times as much, and as values as much again.
SHARE = 16
LEAST_BYTES = 16 * 1024 * 1024
#: Smaller ones need no place.
SMALL_BYTES = 1024 * 1024
#: As much of each body may be in memory before it has a place.
PIECE_BYTES = 64 * 1024
LARGE_WAIT_SECONDS = 60
_ENDED = b"The body ended before it was whole.\n"
_BUSY = b"Other large bodies are being read. Try again in a moment.\n"

_UNKNOWN_MEMORY = 512 * 1024 * 1024


def memory_of_container(paths=("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")):
    for path in paths:
        try:
            with open(path) as told:
                value = told.read().strip()
        except OSError:
            continue
        if value.isdigit() and int(value) < 1 << 50:
            return int(value)
    return _UNKNOWN_MEMORY


class Places:
    """How many bytes may be in memory at once; who finds no place is told so, and waits for nobody."""

    def __init__(self, most):
        self.most = most
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, count):
        with self._lock:
            if self._taken + count > self.most:
                return False
            self._taken += count
            return True

    def give(self, count):
        with self._lock:
            self._taken -= count


class BoundedBody(io.BufferedIOBase):
    """A body that ends, as if its sender had gone, once it is longer than it may be or has more parts.

    Odoo 14 reads one in a single call, which would take all its memory before a place is asked for: of the stream no more than a piece is asked for at once.
    Nothing of the stream itself is handed on. What else reads (`readinto`, `readlines`, iteration) comes of the standard library, by way of these.
    """

    def __init__(self, stream, most_bytes, kind, places=None):
        self._stream = stream
        self._bytes = most_bytes
        self._marks, self._parts = kind or ((), 0)
        self._over = False
        self._places = places
        self.taken = 0
        #: Ended early for want of a place.
        self.lacked = False

    def _piece(self, read, size):
        if self._over:
            return b""
        data = read(PIECE_BYTES if _is_all(size) else min(size, PIECE_BYTES))
        if self._places is not None and data:
            # What has come, not what was said: who says much and sends little keeps no place from others.
            if not self._places.take(len(data)):
                self._over = self.lacked = True
                return b""
            self.taken += len(data)
        if self._bytes is not None:
            self._bytes -= len(data)
            self._over = self._bytes < 0
        self._parts -= sum(data.count(mark) for mark in self._marks)
        self._over = self._over or self._parts < 0
        return b"" if self._over else data

    def _pieces(self, read, size, last=None):
        whole = io.BytesIO()
        while _is_all(size) or whole.tell() < size:
            piece = self._piece(read, -1 if _is_all(size) else size - whole.tell())
            whole.write(piece)
            if not piece or (last is not None and piece.endswith(last)):
                break
        # Where nobody says how long a body is, the beginning of one would pass for all of it.
        return b"" if self._over else whole.getvalue()

    def read(self, size=-1):
        return self._pieces(self._stream.read, size)

    def read1(self, size=-1):
        return self._piece(self._stream.read, size)

    def readline(self, size=-1):
        return self._pieces(self._stream.readline, size, b"\n")

    def readable(self):
        return True


def _is_all(size):
    return size is None or size < 0


def _length(environ):
    told = environ.get("CONTENT_LENGTH") or ""
    return int(told) if told.isdigit() else None


def _all_of(stream, length):
    """A body, once it has come; None where its sender went away before."""
    pieces = []
    while length > 0:
        piece = stream.read(length)
        if not piece:
            return None
        pieces.append(piece)
        length -= len(piece)
    return io.BytesIO(b"".join(pieces))


def bounded(call, connections, places=None):
    """Wraps the WSGI application's own `__call__`.

    Small bodies are read before anything else is done, so that a slow sender holds a thread and nothing more. Of those who send large ones no more than half as
    many as there are connections to the database are let in at once; the others wait for a minute.
    """
    places = places or Places(max(LEAST_BYTES, memory_of_container() // SHARE))
    large = threading.BoundedSemaphore(max(1, connections // 2))

    def within(self, environ, start_response):
        if not large.acquire(timeout=LARGE_WAIT_SECONDS):
            return refuse(start_response, "503 Service Unavailable", _BUSY)
        try:
            return call(self, environ, start_response)
        finally:
            large.release()

    def called(self, environ, start_response):
        length = _length(environ)
        kind = _KINDS.get((environ.get("CONTENT_TYPE") or "").split(";")[0].strip().lower())
        stream = environ.get("wsgi.input")
        if stream is None or length == 0:
            return call(self, environ, start_response)
        if length is not None and length <= SMALL_BYTES:
            body = _all_of(stream, length)
            if body is None:
                # Fifty who leave at once would otherwise take all connections to the database for nothing.
                return refuse(start_response, "400 Bad Request", _ENDED)
            environ["wsgi.input"] = BoundedBody(body, None, kind)
            return call(self, environ, start_response)
        environ["wsgi.input"] = BoundedBody(stream, MOST_UNSAID_BYTES if length is None else None, kind)
        if length is None:
            return call(self, environ, start_response)
        if kind is None:
            return within(self, environ, start_response)
        if length > places.most:
            return refuse(start_response, "413 Content Too Large", b"The body is larger than this server can hold.\n")
        body = BoundedBody(stream, None, kind, places)
        environ["wsgi.input"] = body

        busy = False

        def answer(status, headers, *more):
            nonlocal busy
            busy = body.lacked
            return begin(start_response, "503 Service Unavailable", _BUSY) if busy else start_response(status, headers, *more)

        try:
            result = within(self, environ, answer)
            # What was begun as an answer goes on as one.
            return [_BUSY] if busy else result
        finally:
            places.give(body.taken)

    return called
