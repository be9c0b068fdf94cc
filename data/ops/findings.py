"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How it is; the value is the exit code it leads to."""

    OK = 0
    WARN = 1
    BAD = 2


OK, WARN, BAD = Level.OK, Level.WARN, Level.BAD


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and in words what was found and what helps."""

    name: str
    level: Level
    words: str
