"""Exact binomial and Poisson limits, for arrays. Pure.

scipy.special is loaded on the first call: 29 MB that only who compares units pays.
Parts and wholes may be fractions: the incomplete beta and gamma functions go on between the
whole numbers, which is how the effective n of an overdispersed unit is used.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_UNDER_ONE = float(np.nextafter(1, 0))
"""A limit where already one event is too rare for chance."""


def share_interval(part: Floats, whole: Floats, miss: float) -> tuple[Floats, Floats]:
    """Return the Clopper-Pearson limits of part / whole, (n,) each, 0 to 1.

    Args:
        part: 0 to whole.
        whole: above 0.
        miss: how often the interval may miss the truth, both ends together.
    """
    from scipy.special import betaincinv

    at_zero, at_one = part <= 0, part >= whole
    low = betaincinv(np.where(at_zero, 1, part), np.where(at_zero, 1, whole - part + 1), miss / 2)
    rest = np.where(at_one, 1, whole - part)
    high = betaincinv(np.where(at_one, 1, part + 1), rest, 1 - miss / 2)
    return np.where(at_zero, 0.0, low), np.where(at_one, 1.0, high)


def rate_interval(count: Floats, exposure: Floats, miss: float) -> tuple[Floats, Floats]:
    """Return the exact Poisson limits of count / exposure, (n,) each (Garwood 1936)."""
    from scipy.special import gammaincinv

    none = count <= 0
    low = np.where(none, 0.0, gammaincinv(np.where(none, 1, count), miss / 2))
    return low / exposure, gammaincinv(count + 1, 1 - miss / 2) / exposure


def share_limits(whole: Floats, centre: float, tail: float) -> tuple[Floats, Floats]:
    """Return the shares beyond which a unit of the common share comes with probability `tail`.

    Args:
        whole: (n,) how many each unit has; above 0.
        centre: the common share, 0 to 1.
        tail: of one side.

    Returns:
        low, high: (n,) each, 0 to 1. A value is below (above) its limit exactly when so low
        (high) a one has a probability under `tail`; 0 (1) where even that one is no rarer.
    """
    from scipy.special import bdtrik

    if not 0 < centre < 1:
        return np.full_like(whole, centre), np.full_like(whole, centre)
    none = (1 - centre) ** whole
    low = np.where(none >= tail, 0.0, bdtrik(tail, whole, centre))
    high = np.where(none > 1 - tail, _UNDER_ONE, bdtrik(1 - tail, whole, centre) + 1)
    return low / whole, np.minimum(high, whole) / whole


def rate_limits(exposure: Floats, centre: float, tail: float) -> tuple[Floats, Floats]:
    """Return the rates beyond which a unit of the common rate comes with probability `tail`.

    As `share_limits`, of counts by exposure.
    """
    from scipy.special import pdtrik

    if centre <= 0:
        return np.zeros_like(exposure), np.zeros_like(exposure)
    none = np.exp(-centre * exposure)
    low = np.where(none >= tail, 0.0, pdtrik(tail, centre * exposure))
    high = np.where(none > 1 - tail, _UNDER_ONE, pdtrik(1 - tail, centre * exposure) + 1)
    return low / exposure, high / exposure
