"""No small count can be had where areas tell by different lengths: hours, days, weeks, months."""

from __future__ import annotations

import random
from collections import defaultdict

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.indicators.suppression import Month, small
from data.indicators.suppression_layers import suppress_told
from data.vocabulary import Grain
from tests.property.attack import Attacker, given_away

K = 10
SCALES = ([1, 3], [2, 8, 30], [5, 20, 100], [0, 0, 1], [40, 200, 1000])
LENGTHS = ("h", "d", "w", "m", "hd", "hw", "dw", "dm", "hm", "hdw", "hdwm")
SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class City:
    """Two short months; every area tells each week by one of some lengths."""

    def __init__(self, chance: random.Random, lengths: str | None = None) -> None:
        self.days, self.hours = chance.choice([2, 5, 9]), chance.choice([1, 2, 4])
        self.week = chance.choice([2, 3, 4])
        self.parents: dict[str, str | None] = {"C": None}
        leaves = self._areas(chance.choice([1, 2, 3, 4]), chance.choice([0, 0, 2, 3]))
        self.told: dict[tuple[Grain, str, int], float] = defaultdict(float)
        self.atoms: dict[object, list[object]] = defaultdict(list)
        lengths, moving = lengths or chance.choice(LENGTHS), chance.random() < 0.5
        scale = chance.choice(SCALES)
        for leaf in leaves:
            size, known = chance.choice(scale), chance.choice(lengths)
            for week in range((2 * self.days) // self.week + 1):
                known = chance.choice(lengths) if moving else known
                for atom, cells in self._week(leaf, week, known):
                    value = float(int(chance.expovariate(1 / size))) if size else 0.0
                    self._add(atom, cells, value)
            for month in (0, 1):
                days = range(month * self.days, (month + 1) * self.days)
                if "m" in lengths and not any((Grain.DAY, leaf, d) in self.told for d in days):
                    value = float(int(chance.expovariate(1 / size))) if size else 0.0
                    self._add((leaf, "m", month), [(Grain.MONTH, leaf, month)], value)
        self.told = dict(self.told)

    def _areas(self, counties, towns):
        leaves = []
        for county in (f"C{n}" for n in range(counties)):
            below = [f"{county}{n}" for n in range(towns)]
            self.parents |= {county: "C", **dict.fromkeys(below, county)}
            leaves += below or [county]
        return leaves

    def _week(self, leaf, week, length):
        """Yield what an area tells of a week, and what its own roll-ups of it are."""
        if length == "w":
            yield (leaf, "w", week), [(Grain.WEEK, leaf, week)]
        for day in range(2 * self.days):
            if (day + 1) // self.week == week and length in "hd":
                cells = self._of_day(leaf, day)
                if length == "d":
                    yield (leaf, "d", day), cells
                    continue
                for at in range(day * self.hours, (day + 1) * self.hours):
                    yield (leaf, "h", at), [(Grain.HOUR, leaf, at), *cells]

    def _of_day(self, leaf, day):
        week, month = (day + 1) // self.week, day // self.days
        return [(Grain.DAY, leaf, day), (Grain.WEEK, leaf, week), (Grain.MONTH, leaf, month)]

    def _above(self, cells):
        for grain, leaf, at in cells:
            area = leaf
            while area:
                yield grain, area, at
                area = self.parents[area]

    def _add(self, atom, cells, value):
        for cell in self._above(cells):
            self.told[cell] += value
            self.atoms[cell].append(atom)

    def month(self, number):
        first, last = number * self.days, (number + 1) * self.days
        weeks = {(day + 1) // self.week for day in range(first, last)}
        inside = {
            Grain.HOUR: lambda at: first <= at // self.hours < last,
            Grain.DAY: lambda at: first <= at < last,
            Grain.WEEK: lambda at: at in weeks,
            Grain.MONTH: lambda at: at == number,
        }
        counts = {c: (v,) for c, v in self.told.items() if inside[c[0]](c[2])}
        beside = {
            c: (v,)
            for c, v in self.told.items()
            if c[0] is Grain.DAY and c not in counts and (c[2] + 1) // self.week in weeks
        }
        day, week = (lambda h: h // self.hours), (lambda d: (d + 1) // self.week)
        return Month(counts, self.parents, day, week, number, K), beside

    def hidden(self):
        return suppress_told(*self.month(0)) | suppress_told(*self.month(1))

    def attacker(self, hidden):
        """Show all else. Whether an area reported in a hidden hour or day is not known."""
        atoms = {cell: list(parts) for cell, parts in self.atoms.items()}
        leaves = {a for a in self.parents if a not in self.parents.values()}
        for grain, area, at in hidden:
            if (grain, area, at) in self.told or area not in leaves or grain > Grain.DAY:
                continue
            cells = self._of_day(area, at // self.hours if grain is Grain.HOUR else at)
            own = [(grain, area, at), *cells] if grain is Grain.HOUR else cells
            for cell in self._above(own):
                atoms.setdefault(cell, []).append(("gap", area, grain, at))
        return Attacker(atoms, {c: v for c, v in self.told.items() if c not in hidden})


def attack(city, chance):
    hidden = city.hidden()
    primary = [c for c, v in city.told.items() if small((v,), K)]
    assert set(primary) <= hidden
    chance.shuffle(primary)
    assert given_away(city.attacker(hidden), primary[:15], K) == []


@SOME
@given(st.integers(0, 2**32))
def test_no_small_count_is_given_away_whatever_length_it_is_told_by(seed):
    chance = random.Random(seed)
    attack(City(chance), chance)


@SOME
@given(st.integers(0, 2**32), st.sampled_from(["w", "m", "d"]))
def test_no_small_count_of_one_length_is_given_away(seed, length):
    chance = random.Random(seed)
    attack(City(chance, length), chance)


@SOME
@given(st.integers(0, 2**32))
def test_a_week_that_is_told_as_a_week_is_decided_the_same_by_both_its_months(seed):
    city = City(random.Random(seed), "w")
    weeks = [{c for c in suppress_told(*city.month(n)) if c[0] is Grain.WEEK} for n in (0, 1)]
    both = {c[2] for c in city.month(0)[0].counts} & {c[2] for c in city.month(1)[0].counts}
    assert {c for c in weeks[0] if c[2] in both} == {c for c in weeks[1] if c[2] in both}


@SOME
@given(st.integers(0, 2**32))
def test_large_counts_hide_nothing_whatever_length_they_are_told_by(seed):
    chance = random.Random(seed)
    city = City(chance, chance.choice("hdwm"))
    city.told = {c: v + K if v else 0.0 for c, v in city.told.items()}
    assert city.hidden() == set()
