"""How sure a share is: the Wilson interval. A rate is never shown without its n."""

from __future__ import annotations

import math

Z95 = 1.959963984540054


def wilson(part: int, whole: int, z: float = Z95) -> tuple[float, float] | None:
    """Return the interval (low, high) of part ÷ whole, each 0 to 1; None of nothing.

    Source: Wilson 1927, without continuity correction.
    """
    if whole <= 0:
        return None
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share")
    p, zz = part / whole, z * z
    middle = (p + zz / (2 * whole)) / (1 + zz / whole)
    half = z * math.sqrt(p * (1 - p) / whole + zz / (4 * whole * whole)) / (1 + zz / whole)
    return min(p, max(0.0, middle - half)), max(p, min(1.0, middle + half))  # none nor all, exactly
