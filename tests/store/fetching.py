"""Fetching as the collector does, and files for it to find."""

from __future__ import annotations

import os
import time


def get(fetcher, url, timeout=2.0):
    """Fetch and take everything."""
    found = list(fetcher.fetch(url, timeout=timeout))
    for fetched in found:
        fetcher.taken(fetched)
    return [f.payload for f in found]


def old(path, age=60):
    """Make a file so many seconds old: long enough to be whole."""
    stamp = time.time() - age
    os.utime(path, (stamp, stamp))
    return path


def drop(folder, name, body=b"x", age=60):
    """Put a file into a watched folder."""
    path = folder / name
    path.write_bytes(body)
    return old(path, age)
