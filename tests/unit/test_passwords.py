"""Passwords: which are refused, how they are kept, and that nobody learns names by the time."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from data.commands import passwords
from data.commands.passwords import hashed, is_old, matches, weakness
from tests.store.people import quick  # noqa: F401

pytestmark = pytest.mark.usefixtures("quick")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "too_short"),
        ("a2b4c6d8e", "too_short"),
        ("河源夜很静", "too_short"),
        ("x1y2z3" * 34, "too_long"),
        ("operator-city", "the_name"),
        ("Operator-City-2026", "the_name"),
        ("ytic-rotarepo", "the_name"),
        ("1234567890", "common"),
        ("Password123", "common"),
        ("1Q2W3E4R5T", "common"),
        ("1qaz@WSX3edc", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("ababababab1", "common"),
        ("１２３４５６７８９０", "common"),
        ("a2b4c6d8e0", None),
        ("correct horse battery", None),
        ("河源的夜很安静二〇二六", None),
    ],
)
def test_weak_passwords_are_refused_with_a_reason(password, reason):
    assert weakness(password, "operator-city") == reason


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own():
    first, second = hashed("a2b4c6d8e0"), hashed("a2b4c6d8e0")
    assert first.startswith("$argon2id$")
    assert first != second
    assert "a2b4c6d8e0" not in first
    assert matches(first, "a2b4c6d8e0")
    assert not matches(first, "a2b4c6d8e1")


def test_the_same_letters_typed_another_way_are_the_same_password():
    assert matches(hashed("ａ２ｂ４ｃ６ｄ８ｅ０"), "a2b4c6d8e0")


@pytest.mark.parametrize("kept", ["", "plain", "$argon2id$v=19$broken"])
def test_what_is_no_hash_matches_nothing(kept):
    assert not matches(kept, kept)


def test_an_unknown_name_costs_one_comparison_too_and_never_matches(monkeypatch):
    seen = []

    class Counting(PasswordHasher):
        def verify(self, kept, password):
            seen.append(kept)
            return super().verify(kept, password)

    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    passwords._nobodys.cache_clear()
    assert not matches(None, "nobody has this password")
    matches(hashed("a2b4c6d8e0"), "wrong word 1")
    assert len(seen) == 2


def test_a_hash_of_other_costs_is_old(monkeypatch):
    kept = hashed("a2b4c6d8e0")
    assert not is_old(kept)
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(2, 16, 1))
    assert is_old(kept)
    assert matches(kept, "a2b4c6d8e0")
