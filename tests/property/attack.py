"""An attacker who has everything that is shown, and a solver of linear programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array


class Attacker:
    """Knows which atoms every cell is the sum of, and the value of each cell that is shown.

    An atom is a number that nothing shown is finer than: a reporting area in one hour.
    All that is known of an atom otherwise is that it is not negative.
    """

    def __init__(self, cells: Mapping[Any, Sequence[Any]], shown: Mapping[Any, float]) -> None:
        self.cells = cells
        atoms = sorted({atom for parts in cells.values() for atom in parts}, key=str)
        self.place = {atom: n for n, atom in enumerate(atoms)}
        self.values = np.array(list(shown.values()))
        rows, columns = [], []
        for n, cell in enumerate(shown):
            for atom in cells[cell]:
                rows.append(n)
                columns.append(self.place[atom])
        ones = np.ones(len(rows))
        self.known = csr_array((ones, (rows, columns)), shape=(len(shown), len(atoms)))

    def range(self, cell: Any) -> tuple[float, float]:
        """Return the least and the most a hidden cell can be."""
        return self._best(cell, 1.0), self._best(cell, -1.0)

    def _best(self, cell: Any, sign: float) -> float:
        aim = np.zeros(len(self.place))
        for atom in self.cells[cell]:
            aim[self.place[atom]] += sign
        equal = {"A_eq": self.known, "b_eq": self.values} if len(self.values) else {}
        solved = linprog(aim, bounds=(0, 1e6), method="highs", **equal)
        assert solved.status == 0, solved.message
        return float(sign * solved.fun)


def given_away(
    attacker: Attacker, cells: Sequence[Any], least: int
) -> list[tuple[Any, float, float]]:
    """Return the cells that cannot be anything from 1 to k-1 any more."""
    found = []
    for cell in cells:
        low, high = attacker.range(cell)
        if low > 1 + 1e-6 or high < least - 1 - 1e-6:
            found.append((cell, low, high))
    return found
