"""A timeout as an argument, by name or place, or maybe by what is handed over."""

import websocket


def by_name(url):
    return websocket.create_connection(url, timeout=10)


def by_place(url):
    return websocket.create_connection(url, 10)


def by_options(url, **options):
    return websocket.create_connection(url, **options)
