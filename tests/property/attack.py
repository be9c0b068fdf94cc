"""An attacker who has everything that is shown, and a solver of linear programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import starmap

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

Atom = object
"""One number that no shown number is finer than: a reporting area in one hour, say."""


class Attacker:
    """Knows which atoms every cell is the sum of, and the value of each shown cell."""

    def __init__(self, cells: Mapping[object, Sequence[Atom]], shown: Mapping[object, float]):
        self.cells = cells
        self.atoms = {
            a: n for n, a in enumerate(sorted({a for p in cells.values() for a in p}, key=str))
        }
        self.known = list(shown)
        self.values = np.array([shown[c] for c in self.known])
        self.matrix = csr_matrix(list(map(self._row, self.known)) or np.zeros((1, len(self.atoms))))
        if not self.known:
            self.values = np.zeros(1)

    def _row(self, cell: object) -> np.ndarray:
        row = np.zeros(len(self.atoms))
        for atom in self.cells[cell]:
            row[self.atoms[atom]] += 1
        return row

    def range(self, cell: object) -> tuple[float, float]:
        """Return the least and the most a hidden cell can be."""
        return self._best(cell, 1), self._best(cell, -1)

    def _best(self, cell: object, sign: int) -> float:
        solved = linprog(
            sign * self._row(cell),
            A_eq=self.matrix,
            b_eq=self.values,
            bounds=(0, 1e6),
            method="highs",
        )
        assert solved.status == 0, solved.message
        return float(sign * solved.fun)


def ranges(attacker: Attacker, cells: Iterable[object]) -> dict[object, tuple[float, float]]:
    return dict(starmap(lambda c: (c, attacker.range(c)), ((c,) for c in cells)))
