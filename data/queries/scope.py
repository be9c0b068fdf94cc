"""What a person may see and move: which areas, which departments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from data.catalogue import Catalogue
from data.vocabulary import Role


@dataclass(frozen=True)
class Scope:
    """areas, departments: codes; None is all of them. An empty set is none at all."""

    areas: frozenset[str] | None
    departments: frozenset[str] | None

    def covers(self, area: str, departments: Iterable[str]) -> bool:
        """Return whether a case of this area, with these departments on it, is within it.

        departments: the one that leads, and those that have a task.
        """
        here = self.areas is None or area in self.areas
        return here and (self.departments is None or not self.departments.isdisjoint(departments))


EVERYTHING = Scope(None, None)
NOTHING = Scope(frozenset(), frozenset())


def scope_of(
    catalogue: Catalogue, *, role: Role, department: str | None, area: str | None
) -> Scope:
    """Return what an account reaches: its area with all below, and as a department only its own.

    What the catalogue no longer knows, or a department without a name, reaches nothing.
    """
    areas = None if area is None else frozenset(_below(catalogue, area))
    departments = None
    if role is Role.DEPARTMENT:
        departments = frozenset([department] if department in catalogue.departments else [])
    return Scope(areas, departments)


def _below(catalogue: Catalogue, area: str) -> Iterable[str]:
    """Yield an area and everything under it; nothing for an area that is not known."""
    if area == catalogue.city.code:
        return catalogue.areas
    return [code for code in catalogue.areas if area in _above(catalogue, code)]


def _above(catalogue: Catalogue, code: str) -> Iterable[str]:
    at: str | None = code
    while at is not None:
        yield at
        at = catalogue.areas[at].parent
