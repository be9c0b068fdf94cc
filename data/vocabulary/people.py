"""Who can act and what can show: accounts and displays, as pages and commands hand them on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.vocabulary.loop import Role

ACCOUNT_ROLES = tuple(role for role in Role if role is not Role.SYSTEM_ACTOR)
"""What an account can be; the collector and the platforms never sign in."""

APART = frozenset({Role.SYSTEM, Role.SECURITY, Role.AUDITOR})
"""Who runs the system, who runs accounts, who reads the audit: never one person's account."""


@dataclass(frozen=True)
class Account:
    """One account. department None: any; area None: the whole city."""

    id: int
    name: str
    display: str
    role: Role
    department: str | None
    area: str | None
    must_change: bool
    epoch: int
    failed: int
    created_at: datetime
    disabled_at: datetime | None
    locked_until: datetime | None
    last_seen_at: datetime | None
    password_at: datetime | None = None
    second_nonce: str | None = None
    second_at: datetime | None = None

    @property
    def second(self) -> bool:
        """Whether a code is asked for besides the password."""
        return self.second_at is not None and bool(self.second_nonce)

    def locked(self, now: datetime) -> bool:
        """Return whether too many failures shut the account for now."""
        return self.locked_until is not None and self.locked_until > now


@dataclass(frozen=True)
class Display:
    """One enrolled display. revoked_at None: it stands."""

    id: str
    name: str
    origin: str
    enrolled_at: datetime
    seen_at: datetime
    revoked_at: datetime | None
