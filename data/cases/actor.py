"""Who does something to a case."""

from __future__ import annotations

from dataclasses import dataclass

from data.vocabulary import Role


@dataclass(frozen=True)
class Actor:
    """A person or a platform. department None: any; area None: the whole city.

    id: of the account; None for what comes from a platform.
    """

    id: int | None
    name: str
    role: Role
    department: str | None
    area: str | None
