"""One place that the C library takes memory from, so that it goes back when work is done."""

from __future__ import annotations

import ctypes

M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3
"""mallopt's names for them in glibc's malloc.h."""
LARGE = 128 * 1024
"""Pieces of this size are taken from the system one by one and go back as soon as they are free."""


def one_arena() -> bool:
    """Let every thread of this process share one arena; return whether the library took it.

    glibc gives each thread an arena of its own, and what one thread let go no other gets: five
    threads that each made something large once held 180 MB for good. To be called before threads
    start. Elsewhere than on glibc nothing happens.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(M_ARENA_MAX, 1) and mallopt(M_MMAP_THRESHOLD, LARGE))


def give_back() -> bool:
    """Return what is free to the system, after work that needed much; whether there was any."""
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except (OSError, AttributeError):
        return False
