"""Control charts of every indicator in every area at once, three years of weeks."""

from __future__ import annotations

import time

import numpy as np

from data.indicators.spc import grid
from data.vocabulary.review_terms import ChartKind
from tests.bench.report import emit
from tests.bench.stage import Stage

INDICATORS, AREAS, WEEKS = 300, 110, 156
KINDS = (ChartKind.XMR, ChartKind.P, ChartKind.PPRIME, ChartKind.U, ChartKind.C)


def measure(stage: Stage) -> None:
    """Measure each kind: missing weeks, a definition that changed, limits of half a year."""
    series = INDICATORS * AREAS // (10 if stage.quick else 1)
    rng = np.random.default_rng(7)
    wholes = rng.integers(50, 500, (series, WEEKS)).astype(float)
    parts = rng.binomial(wholes.astype(int), 0.3).astype(float)
    parts[rng.random(parts.shape) < 0.02] = np.nan
    breaks = [[78] if place % 10 == 0 else [] for place in range(series)]
    for kind in KINDS:
        divided = kind not in (ChartKind.XMR, ChartKind.C)
        started = time.process_time()
        found = grid(
            parts,
            kind=kind,
            denominators=wholes if divided else None,
            breaks=breaks,
            baseline=26,
        )
        spent = time.process_time() - started
        signals = int(found.signalled.sum())
        emit(f"spc_grid.{kind}", spent, "s CPU", series=series, weeks=WEEKS, signals=signals)
