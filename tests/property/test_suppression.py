"""No small count can be had from all that is shown together, whatever the city looks like."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data.indicators.suppression import Month, small, suppress, suppress_gauge
from data.vocabulary import Grain
from tests.property.attack import Attacker, given_away

K = 10
SCALES = ([1, 3], [2, 8, 30], [5, 20, 100], [0, 0, 1], [40, 200, 1000], [0.5, 300])
SOME = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class City:
    """A small city over two short months; weeks do not keep to months."""

    def __init__(self, chance: random.Random) -> None:
        self.days, self.hours = chance.choice([1, 2, 5, 9]), chance.choice([1, 2, 4])
        self.week = chance.choice([2, 3, 4])
        self.parents: dict[str, str | None] = {"C": None}
        leaves = self._areas(chance.choice([1, 2, 3, 4]), chance.choice([0, 0, 2, 3]))
        gaps = chance.choice([0, 0, 0.1, 0.4])
        self.counts: dict[tuple[Grain, str, int], float] = defaultdict(float)
        self.atoms: dict[object, list[object]] = defaultdict(list)
        scale = chance.choice(SCALES)
        end = 2 * self.days * self.hours
        last = end - 1 - chance.choice([0, 0, 1, chance.randrange(end)])
        for leaf in leaves:
            size = chance.choice(scale)
            for at in range(last + 1):
                if chance.random() >= gaps:
                    self._add(leaf, at, float(int(chance.expovariate(1 / size))) if size else 0.0)
        self.told = dict(self.counts)
        self.running = self._running(last)

    def _running(self, last: int) -> frozenset[tuple[Grain, int]]:
        """Return what the newest hour lies in and what is not over."""
        day, found = last // self.hours, set()
        if (last + 1) % self.hours:
            found.add((Grain.DAY, day))
        if found or (day + 1) // self.week == (day + 2) // self.week:
            found.add((Grain.WEEK, (day + 1) // self.week))
        if (Grain.DAY, day) in found or (day + 1) % self.days:
            found.add((Grain.MONTH, day // self.days))
        return frozenset(found)

    def _areas(self, counties: int, towns: int) -> list[str]:
        leaves = []
        for county in (f"C{n}" for n in range(counties)):
            below = [f"{county}{n}" for n in range(towns)]
            self.parents |= {county: "C", **dict.fromkeys(below, county)}
            leaves += below or [county]
        return leaves

    def cells(self, leaf: str, at: int) -> list[tuple[Grain, str, int]]:
        day, found, area = at // self.hours, [], leaf
        while area:
            found += [(Grain.HOUR, area, at), (Grain.DAY, area, day),
                      (Grain.WEEK, area, (day + 1) // self.week), (Grain.MONTH, area, day // self.days)]  # fmt: skip
            area = self.parents[area] or ""
        return found

    def _add(self, leaf: str, at: int, value: float) -> None:
        for cell in self.cells(leaf, at):
            self.counts[cell] += value
            self.atoms[cell].append((leaf, at))

    def month(self, number: int) -> Month:
        first, last = number * self.days, (number + 1) * self.days
        weeks = {(day + 1) // self.week for day in range(first, last)}
        inside = {
            Grain.HOUR: lambda at: first <= at // self.hours < last,
            Grain.DAY: lambda at: first <= at < last,
            Grain.WEEK: lambda at: at in weeks,
            Grain.MONTH: lambda at: at == number,
        }
        counts = {c: (v,) for c, v in self.told.items() if inside[c[0]](c[2])}
        day, week = (lambda h: h // self.hours), (lambda d: (d + 1) // self.week)
        return Month(counts, self.parents, day, week, number, K, self.running)

    def hidden(self) -> set[tuple[Grain, str, int]]:
        found = set()
        for number in (0, 1):
            month = self.month(number)
            found |= suppress(month) if month.counts else set()
        return found

    def attacker(self, hidden: set[tuple[Grain, str, int]]) -> Attacker:
        """Show all else, and the city's total of the day after each hour of it that is shown.

        Whether an area reported in a hidden hour is not known, so a gap may be a number.
        """
        leaves = {a for a in self.parents if a not in self.parents.values()}
        for grain, area, at in hidden:
            if grain is Grain.HOUR and area in leaves and (grain, area, at) not in self.told:
                for cell in self.cells(area, at):
                    self.atoms[cell].append((area, at))
        shown = {c: v for c, v in self.told.items() if c not in hidden}
        for at in range(2 * self.days * self.hours):
            if (Grain.HOUR, "C", at) in shown:
                so_far = [
                    (Grain.HOUR, "C", t) for t in range(at // self.hours * self.hours, at + 1)
                ]
                self.atoms["so far", at] = [x for c in so_far for x in self.atoms.get(c, [])]
                shown["so far", at] = sum(self.told.get(c, 0.0) for c in so_far)  # type: ignore[index]
        return Attacker(self.atoms, shown)  # type: ignore[arg-type]


@SOME
@given(st.integers(0, 2**32))
@example(4561)  # days let go of when their week alone was not enough, of a month that runs
@example(3422680001)  # a week that is over in a month that runs: towns tell it, counties do not
@example(2751400135)  # a small week that runs on when its month is over
@example(4119570616)  # the same in a month of two weeks
def test_no_small_count_is_given_away(seed):
    chance = random.Random(seed)
    city = City(chance)
    hidden = city.hidden()
    primary = [c for c, v in city.told.items() if small((v,), K)]
    assert set(primary) <= hidden
    chance.shuffle(primary)
    assert given_away(city.attacker(hidden), primary[:15], K) == []


@SOME
@given(st.integers(0, 2**32))
def test_the_attacker_does_find_what_is_hidden_too_thinly(seed):
    """The attack can succeed: with primary suppression alone it often does."""
    city = City(random.Random(seed))
    primary = {c for c, v in city.told.items() if small((v,), K)}
    attacker = city.attacker(primary)
    for cell in sorted(primary, key=str)[:5]:
        low, high = attacker.range(cell)
        assert low - 1e-6 <= city.told[cell] <= high + 1e-6


def test_one_hidden_hour_alone_is_found_by_the_attacker():
    city = City(random.Random(0))
    city.__dict__.update(
        days=1,
        hours=3,
        week=2,
        parents={"C": None},
        running=frozenset(),
        counts=defaultdict(float),
        atoms=defaultdict(list),
    )
    for at, value in enumerate((4.0, 20.0, 30.0, 40.0, 50.0, 60.0)):
        city._add("C", at, value)
    city.told = dict(city.counts)
    thin = city.attacker({(Grain.HOUR, "C", 0)})
    assert given_away(thin, [(Grain.HOUR, "C", 0)], K) == [((Grain.HOUR, "C", 0), 4.0, 4.0)]
    assert given_away(city.attacker(city.hidden()), [(Grain.HOUR, "C", 0)], K) == []


@SOME
@given(st.integers(0, 2**32))
def test_the_same_counts_hide_the_same_cells(seed):
    one, other = City(random.Random(seed)), City(random.Random(seed))
    items = list(other.told.items())
    random.Random(1).shuffle(items)
    other.told = dict(items)
    assert one.hidden() == other.hidden()


@SOME
@given(st.integers(0, 2**32))
def test_what_is_remembered_of_days_changes_nothing(seed):
    """Hour after hour, with a correction now and then, as the store asks."""
    chance = random.Random(seed)
    city, memo = City(chance), {}
    month = city.month(0)
    hours = sorted({at for grain, _, at in month.counts if grain is Grain.HOUR})
    for end in hours:
        told = {c: v for c, v in month.counts.items() if c[0] is not Grain.HOUR or c[2] <= end}
        if chance.random() < 0.3:
            told[chance.choice(sorted(told, key=str))] = (float(chance.randrange(20)),)
        now = replace(month, counts=told)
        assert suppress(now, memo) == suppress(now)


@SOME
@given(st.integers(0, 2**32))
def test_large_counts_hide_nothing(seed):
    city = City(random.Random(seed))
    city.told = {c: v + K if v else 0.0 for c, v in city.told.items()}
    assert city.hidden() == set()


@SOME
@given(st.integers(0, 2**32))
def test_a_gauge_hides_an_area_for_the_month_with_those_beside_it(seed):
    city = City(random.Random(seed))
    month = city.month(0)
    if not month.counts:
        return
    hidden = suppress_gauge(month)
    assert {c for c, n in month.counts.items() if small(n, K)} <= hidden
    shut = {
        a
        for a in {c[1] for c in month.counts}
        if all(c in hidden for c in month.counts if c[1] == a)
    }
    for area in shut - {"C"}:
        assert {
            a for a in {c[1] for c in month.counts} if city.parents[a] == city.parents[area]
        } <= shut
