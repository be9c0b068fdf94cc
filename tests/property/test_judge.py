"""A better value never has a worse state."""

from hypothesis import assume, given
from hypothesis import strategies as st

from data.catalogue import catalogue
from data.catalogue.entries import Target
from data.indicators.band import Band
from data.indicators.judge import judge
from data.vocabulary import Direction, Level, Status

NUMBERS = st.floats(-1000, 1000, allow_nan=False)
BANDS = st.tuples(st.floats(0, 500), st.floats(0.1, 200)).map(
    lambda p: Band(p[0], max(0, p[0] - p[1]), p[0] + p[1], 9)
)
LIMITS = st.dictionaries(st.sampled_from([1, 2, 3, 4]), NUMBERS, min_size=1)


def ordered(limits, *, falling):
    """Give the graver level the farther limit, as the catalogue does."""
    values = sorted(limits.values(), reverse=falling)
    return dict(zip(sorted(limits, reverse=True), values, strict=True))


def indicator(kind, direction, **target):
    change = {"target": Target(kind=kind, **target), "direction": direction}
    return catalogue().indicators["PS-01"].model_copy(update=change)


def gravity(found, value, band=None):
    """Return 0 for normal up to 4 for red."""
    level = judge(found, value, band, age_s=0, stale_after_s=1).level
    return 5 - level if level else 0


@given(LIMITS, NUMBERS, NUMBERS)
def test_more_is_never_worse_above_a_floor(limits, a, b):
    found = indicator("floor", Direction.HIGHER, levels=ordered(limits, falling=True))
    assert gravity(found, max(a, b)) <= gravity(found, min(a, b))


@given(LIMITS, NUMBERS, NUMBERS)
def test_less_is_never_worse_below_a_ceiling(limits, a, b):
    found = indicator("ceiling", Direction.LOWER, levels=ordered(limits, falling=False))
    assert gravity(found, min(a, b)) <= gravity(found, max(a, b))


@given(
    BANDS, NUMBERS, NUMBERS, st.sampled_from([Direction.LOWER, Direction.HIGHER, Direction.NEUTRAL])
)
def test_nearer_to_the_good_side_of_a_band_is_never_worse(band, a, b, direction):
    found = indicator("band", direction)
    better, worse = (
        (max(a, b), min(a, b)) if direction is Direction.HIGHER else (min(a, b), max(a, b))
    )
    assert gravity(found, better, band) <= gravity(found, worse, band)


@given(BANDS, NUMBERS, NUMBERS)
def test_nearer_to_the_centre_is_never_worse_where_both_sides_are_bad(band, a, b):
    near, far = sorted((a, b), key=lambda v: abs(v - band.centre))
    assume(abs(abs(a - band.centre) - abs(b - band.centre)) > 1e-6)
    found = indicator("band", Direction.RANGE)
    assert gravity(found, near, band) <= gravity(found, far, band)


@given(BANDS, NUMBERS, st.sampled_from(list(Direction)))
def test_a_band_never_gives_red_and_volume_at_most_yellow(band, value, direction):
    worst = gravity(indicator("band", direction), value, band)
    assert worst <= (2 if direction is Direction.NEUTRAL else 3)


@given(
    st.sampled_from(list(catalogue().indicators.values())),
    st.one_of(st.none(), NUMBERS),
    st.one_of(st.none(), BANDS),
    st.one_of(st.none(), st.floats(0, 10_000)),
)
def test_no_data_and_stale_outrank_everything(found, value, band, age):
    judged = judge(found, value, band, age_s=age, stale_after_s=300)
    if value is None or age is None:
        assert judged.status is Status.NO_DATA
    elif age > 300:
        assert judged.status is Status.STALE
    else:
        assert judged.status in (Status.NORMAL, Status.WATCH, Status.ALERT)
    if judged.status not in (Status.WATCH, Status.ALERT):
        assert judged.level is Level.NONE
        assert judged.why == {"zh": "", "en": ""}
    else:
        assert judged.why["zh"]
        assert (judged.status is Status.ALERT) == (judged.level in (Level.RED, Level.ORANGE))
