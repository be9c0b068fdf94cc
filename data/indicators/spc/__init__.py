"""Statistical process control: which change is a signal and which is chance.

The rules are those of NHS Making Data Count; docs/spc.md says which reference each number equals.
All functions are pure; arrays are (series, weeks), a missing value is nan.
"""

from data.indicators.spc.assured import assurance
from data.indicators.spc.budget import expected, noise
from data.indicators.spc.charts import Chart, Segment, chart, chart_of
from data.indicators.spc.grids import Grid, grid
from data.indicators.spc.limits import Method
from data.indicators.spc.ranges import Ranges, moving_ranges
from data.indicators.spc.strengths import strength
from data.indicators.spc.verdicts import verdict

__all__ = [
    "Chart",
    "Grid",
    "Method",
    "Ranges",
    "Segment",
    "assurance",
    "chart",
    "chart_of",
    "expected",
    "grid",
    "moving_ranges",
    "noise",
    "strength",
    "verdict",
]
