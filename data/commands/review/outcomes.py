"""What adding to a review comes to: done, or overtaken by somebody else's act."""

from __future__ import annotations

from dataclasses import dataclass

from data.vocabulary.meeting import PromiseEvent


@dataclass(frozen=True)
class Done:
    """It is so now. id: row of the promise, the remark or the pack; 0: nothing had to be changed.

    version, state: of a promise. sha256: of a pack.
    """

    id: int
    version: int = 1
    state: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Conflict:
    """Somebody was faster: nothing was changed; `since` tells what happened, oldest first."""

    id: int
    version: int
    state: str
    since: tuple[PromiseEvent, ...]
