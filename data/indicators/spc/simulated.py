"""How often chance alone gives a signal: a stable normal process, charted as any other.

`python -m data.indicators.spc.simulated` prints the table of `budget_table`; it takes a minute.
"""

from __future__ import annotations

import sys

import numpy as np

from data.indicators.spc.grids import grid
from data.indicators.spc.rules import RULES_OF

POINTS = (12, 14, 16, 20, 26, 36, 52, 78, 104, 156, 312)
BEYOND = 13
"""Weeks after a frozen baseline at which the last point is looked at: every run fits in."""
SERIES = 400_000
SEED = 20261123
_BATCH = 20_000


def found_by_chance(points: int, *, frozen: bool, series: int, seed: int) -> list[int]:
    """Return how many series have each set of rules at their last point, by `RULES_OF` (16,).

    Args:
        points: the limits stand on.
        frozen: the last point comes after those points; else it is the last of them.
        series: how many to draw; the standard error of a share c is √(c ÷ series).
        seed: of the random numbers.
    """
    rng = np.random.default_rng([seed, points, frozen])
    found = np.zeros(len(RULES_OF), np.int64)
    weeks = points + BEYOND if frozen else points
    for first in range(0, series, _BATCH):
        drawn = rng.standard_normal((min(_BATCH, series - first), weeks))
        charts = grid(drawn, baseline=points if frozen else None)
        found += np.bincount(charts.rules[:, -1], minlength=len(RULES_OF))
    return [int(count) for count in found]


def main() -> None:
    """Print the table."""
    for name, frozen in (("MOVING", False), ("FROZEN", True)):
        lines = [f"{name} = {{"]
        for points in POINTS:
            found = found_by_chance(points, frozen=frozen, series=SERIES, seed=SEED)
            lines.append(f"    {points}: {tuple(found)},")
        sys.stdout.write("\n".join([*lines, "}\n"]))


if __name__ == "__main__":
    main()
