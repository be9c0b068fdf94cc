"""What NHSRplotthedots calls the special cause of a point, for comparison with its output."""

from __future__ import annotations

from data.vocabulary.review_terms import SpcRule

_NAMES = (
    (SpcRule.OUTSIDE, "Above UCL", "Below LCL"),
    (SpcRule.TREND, "7 Point Trend (Increasing)", "7 Point Trend (Decreasing)"),
    (SpcRule.TWO_OF_THREE, "2 in 3 Above CL", "2 in 3 Below CL"),
    (SpcRule.SHIFT, "7 Points Above CL", "7 Points Below CL"),
)


def label(rules: frozenset[SpcRule], toward: int) -> str:
    """Return the name of the strongest rule of a point."""
    for rule, high, low in _NAMES:
        if rule in rules:
            return high if toward > 0 else low
    return "Common Cause"
