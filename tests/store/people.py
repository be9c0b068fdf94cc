"""Accounts for tests, at costs that do not slow them down."""

from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher

from data.catalogue import catalogue
from data.commands import passwords
from data.commands.accounts import Wanted, create
from data.commands.audit import SHELL
from data.queries.keys import read_keys
from data.store import Store
from data.vocabulary import Role
from tests.conftest import NOW

GOOD = "河源的夜很安静 2026"
OTHER = "另一个口令 也很安静"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash at the lowest cost there is."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    passwords._nobodys.cache_clear()


def make(
    store: Store, name: str = "wang.min", role: Role = Role.OPERATOR, *, password: str = GOOD,
    display: str = "王敏", now: Any = NOW, must_change: bool = False, **scope: str | None,
) -> int:  # fmt: skip
    """Make an account and return its number."""
    wanted = Wanted(name, display, role, must_change=must_change, **scope)
    with store.write() as conn:
        keys = read_keys(conn)
        return create(conn, catalogue(), keys, wanted, password, by=SHELL, now=now)
