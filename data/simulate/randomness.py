"""Repeatable chance: one generator per seed, subject and period, the same in every process."""

from __future__ import annotations

from hashlib import blake2b

from numpy.random import PCG64, Generator


def generator(seed: int, *subject: str | int) -> Generator:
    """Return the generator of one subject; Python's own hash() differs by process."""
    return Generator(PCG64(_digest(seed, subject)))


def share(seed: int, *subject: str | int) -> float:
    """Return one number in [0, 1) that belongs to the subject."""
    return (_digest(seed, subject) >> 64) / 2.0**64


def _digest(seed: int, subject: tuple[str | int, ...]) -> int:
    key = "|".join(map(str, (seed, *subject)))
    return int.from_bytes(blake2b(key.encode(), digest_size=16).digest())
