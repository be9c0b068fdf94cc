"""Reads the references of two R packages; numbers of a textbook; the rules in plain loops."""

import csv
import io
import itertools
import math
from pathlib import Path

import numpy as np

from tests.shared_samples import sample

COSTS = (
    310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 297, 299, 314, 295, 293, 306, 301, 304,
    305, 282, 305, 296, 314, 295, 287, 301, 298, 311, 310, 292, 305, 299, 304, 310, 304, 305, 333, 328,
)  # fmt: skip
"""Montgomery, Introduction to Statistical Quality Control, example 6.5: 40 weeks, limits of 20."""
ORDERS = (
    (12, 100), (8, 80), (6, 80), (9, 100), (10, 110), (12, 110), (11, 100), (16, 100), (10, 90), (6, 90),
    (20, 110), (15, 120), (9, 120), (8, 120), (6, 110), (8, 80), (10, 80), (7, 80), (5, 90), (8, 100),
    (5, 100), (8, 100), (10, 100), (6, 90), (9, 90),
)  # fmt: skip
"""The same, table 7.4: purchase orders with errors, of how many."""


def reference(name):
    """Return the rows of a reference as text; skip where the samples are not there."""
    text = Path(sample(f"spc/{name}.csv")).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def column(rows, name):
    """Return a column as floats, NA and nothing as nan."""
    return np.array([np.nan if r[name] in ("", "NA") else float(r[name]) for r in rows])


def plain_limits(values, screen=True):
    """Return (mean, lower, upper, 2/3 lower, 2/3 upper) of an XmR chart by the book, in loops."""
    there = [v for v in values if not math.isnan(v)]
    pairs = itertools.pairwise(values)
    moves = [abs(b - a) for a, b in pairs if not math.isnan(b - a)]
    centre, average = sum(there) / len(there), sum(moves) / len(moves)
    if screen:
        kept = [m for m in moves if m < 3.267 * average]
        average = sum(kept) / len(kept)
    return (
        centre,
        centre - 2.66 * average,
        centre + 2.66 * average,
        centre - 2 * 2.66 / 3 * average,
        centre + 2 * 2.66 / 3 * average,
    )


def plain_labels(values, centre, lower, upper, near_lower, near_upper):
    """Return the special cause of each point by the definitions, one point after the other."""
    n = len(values)
    side = [0 if math.isnan(v) else (v > centre) - (v < centre) for v in values]
    outside = [v > upper or v < lower for v in values]
    near = [
        not out and (v < near_lower or v > near_upper)
        for v, out in zip(values, outside, strict=True)
    ]
    shift, trend, two = [0] * n, [0] * n, [0] * n
    for last in range(6, n):
        run = range(last - 6, last + 1)
        if abs(sum(side[i] for i in run)) == 7:
            for i in run:
                shift[i] = side[i]
        steps = {(values[i] > values[i - 1]) - (values[i] < values[i - 1]) for i in run[1:]}
        if steps in ({1}, {-1}) and not any(math.isnan(values[i]) for i in run):
            for i in run:
                # Where one trend turns into the next, the later one names the point.
                trend[i] = steps.copy().pop()
    for last in range(2, n):
        three = range(last - 2, last + 1)
        if abs(sum(side[i] for i in three)) == 3 and sum(near[i] for i in three) >= 2:
            for i in three:
                two[i] = side[i] if near[i] else two[i]
    names = []
    for i in range(n):
        if outside[i]:
            names.append("Above UCL" if values[i] > upper else "Below LCL")
        elif trend[i]:
            names.append(f"7 Point Trend ({'In' if trend[i] > 0 else 'De'}creasing)")
        elif two[i]:
            names.append(f"2 in 3 {'Above' if two[i] > 0 else 'Below'} CL")
        elif shift[i]:
            names.append(f"7 Points {'Above' if shift[i] > 0 else 'Below'} CL")
        else:
            names.append("Common Cause")
    return names
