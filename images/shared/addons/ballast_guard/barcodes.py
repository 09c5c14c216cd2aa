"""Bounds what pictures of barcodes may take, for which nobody has to sign in.

One of 28,000 characters takes seconds and ten megabytes: a hundred at once, of one client, ended the process.
"""

import threading

from .refusal import refuse

#: A Swiss QR bill has 997 characters, of which each may be three in an address.
MOST_BYTES = 4096
AT_ONCE = 4
WAIT_SECONDS = 30
_PATH = "/report/barcode"


def bounded(call, at_once=AT_ONCE, wait=WAIT_SECONDS):
    """Wraps the WSGI application's own `__call__`: what is too long is refused, and of the others a few are drawn at once."""
    drawing = threading.BoundedSemaphore(at_once)

    def called(self, environ, start_response):
        path = environ.get("PATH_INFO") or ""
        if _PATH not in path:
            return call(self, environ, start_response)
        if len(path) + len(environ.get("QUERY_STRING") or "") > MOST_BYTES:
            return refuse(start_response, "414 URI Too Long", b"That is too long for a barcode.\n")
        if not drawing.acquire(timeout=wait):
            return refuse(start_response, "503 Service Unavailable", b"Other barcodes are being drawn. Try again in a moment.\n")
        try:
            return call(self, environ, start_response)
        finally:
            drawing.release()

    return called
