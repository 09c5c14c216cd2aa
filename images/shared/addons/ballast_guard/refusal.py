"""Answers to what is refused before Odoo sees it."""


def begin(start_response, status, words):
    return start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(words))), ("Connection", "close")])


def refuse(start_response, status, words):
    begin(start_response, status, words)
    return [words]
