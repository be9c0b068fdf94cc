"""Keep passwords as argon2id hashes, compare them, and refuse weak ones."""

from __future__ import annotations

import threading
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from data.settings import settings

SHORTEST, LONGEST = 10, 200
FEWEST_KINDS = 4
"""A password of fewer different letters is no password."""

AT_ONCE = 2
"""A hash takes 64 MiB: a flood of sign-ins waits here instead of filling the memory."""

_COMMON = (
    "1234567890 0123456789 9876543210 0987654321 12345678910 123456789a a123456789 q123456789 "
    "123123123a 1231231230 1234512345 1029384756 1122334455 1357924680 147258369a 1472583690 "
    "5201314520 5201314abc woaini1314 woaini520a woaini5201314 aini1314520 iloveyou123 "
    "password12 password123 password1234 passw0rd123 p@ssw0rd123 p@ssword123 password1! "
    "administrator admin12345 admin123456 admin@1234 admin@12345 admin123!@# root123456 "
    "1q2w3e4r5t 1qaz2wsx3edc 1qaz@wsx3edc qazwsxedcr qwertyuiop qwerty12345 qwerty123456 "
    "asdfghjkl; zxcvbnm123 abc1234567 abcd123456 abcdef1234 abcdefghij aa12345678 a1b2c3d4e5 "
    "1234567abc 123456abcd 123456789q 123456qwerty test123456 guest12345 welcome123 letmein123 "
    "changeme123 heyuan2026 heyuan123456 zhizhi2026 zhizhi123456 huawei@123 huawei12345"
)
COMMON = frozenset(_COMMON.split())
"""The commonest of ten letters and more, and those that a city like this would try first."""

_turns = threading.BoundedSemaphore(AT_ONCE)
_hasher = PasswordHasher()


@dataclass(frozen=True)
class Policy:
    """What a password must be here. shortest: letters; kinds: of four; days: how old, 0: any."""

    shortest: int = SHORTEST
    kinds: int = 1
    days: int = 0

    def is_old(self, made: datetime | None, now: datetime) -> bool:
        """Return whether a password must be changed for its age; of an unknown age it is old."""
        if not self.days:
            return False
        return made is None or now - made >= timedelta(days=self.days)


def policy() -> Policy:
    """Return the policy of this house, from its settings."""
    config = settings()
    return Policy(config.password_length, config.password_kinds, config.password_days)


def weakness(password: str, name: str, rule: Policy | None = None) -> str | None:
    """Return why a password is refused; None if it is good.

    too_short, too_long, few_kinds, the_name, common.
    """
    rule = rule or policy()
    plain = _plain(password)
    folded = plain.casefold()
    if len(plain) < rule.shortest:
        return "too_short"
    if kinds(plain) < rule.kinds:
        return "few_kinds"
    if len(plain) > LONGEST:
        return "too_long"
    if name and _letters(name) in (_letters(folded), _letters(folded)[::-1]):
        return "the_name"
    if folded in COMMON or len(set(folded)) < FEWEST_KINDS:
        return "common"
    return None


def kinds(password: str) -> int:
    """Return how many kinds of letters a password has: small, capital, digits, all others.

    Letters without case, such as Chinese ones, are of the last kind.
    """
    return sum((
        any(c.islower() for c in password), any(c.isupper() for c in password),
        any(c.isdigit() for c in password),
        any(not (c.islower() or c.isupper() or c.isdigit()) for c in password),
    ))  # fmt: skip


def hashed(password: str) -> str:
    """Return what is kept of a password: argon2id with its salt and costs."""
    with _turns:
        return _hasher.hash(_plain(password))


def matches(kept: str | None, password: str) -> bool:
    """Return whether a password is the one that is kept.

    Without one that is kept it takes as long and is never so: nobody learns by
    the time which names there are.
    """
    plain = _plain(password[: LONGEST * 4])
    with _turns:
        try:
            same = _hasher.verify(kept or _nobodys(), plain)
        except (VerificationError, InvalidHashError):
            return False
    return same and kept is not None


def is_old(kept: str) -> bool:
    """Return whether a hash was made at other costs than those of today."""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")


def _letters(text: str) -> str:
    """Return a text without what is put around a name to make it look like a password."""
    return "".join(c for c in text.casefold() if c.isalpha()) or text


def _plain(password: str) -> str:
    """Return the password as every keyboard and input method means it."""
    return unicodedata.normalize("NFKC", password)
