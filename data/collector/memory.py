"""One place that the C library takes memory from, so that it goes back when work is done."""

from __future__ import annotations

import ctypes

M_ARENA_MAX = -8
"""mallopt's name for it in glibc's malloc.h."""


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
    return bool(mallopt(M_ARENA_MAX, 1))
