"""Row ids of one case's rows back to codes and names."""

from __future__ import annotations

from data.catalogue import Catalogue
from data.queries.keys import Keys
from data.vocabulary import TOWN_LEVEL, Names


class Places:
    """Codes and names by row id; made once a page."""

    def __init__(self, catalogue: Catalogue, keys: Keys) -> None:
        self.catalogue, self.keys = catalogue, keys
        self._areas = keys.area_codes()
        self._departments = {v: k for k, v in keys.departments.items()}
        self._categories = {v: k for k, v in keys.categories.items()}
        self._sources = {v: k for k, v in keys.sources.items()}

    def area(self, id_: int) -> str:
        """Return the code of an area."""
        return self._areas[id_]

    def category(self, id_: int) -> str:
        """Return the code of a category."""
        return self._categories[id_]

    def source(self, id_: int) -> str:
        """Return the key of a source, its number if the catalogue forgot it."""
        return self._sources.get(id_, str(id_))

    def department(self, id_: int | None) -> str | None:
        """Return the key of a department."""
        return None if id_ is None else self._departments.get(id_)

    def department_name(self, id_: int | None) -> Names | None:
        """Return the name of a department by its row id."""
        return self.name_of_department(self.department(id_))

    def name_of_department(self, key: str | None) -> Names | None:
        """Return the name of a department by its key; one that is not known by its key itself."""
        if key is None:
            return None
        found = self.catalogue.departments.get(key)
        return found.name if found else {"zh": key, "en": key}

    def names_of(self, area_id: int) -> tuple[Names, Names | None]:
        """Return the names of the county (or city) and of the town, if it is one."""
        areas = self.catalogue.areas
        own = areas[self._areas[area_id]]
        if own.level == TOWN_LEVEL and own.parent:
            return areas[own.parent].name, own.name
        return own.name, None
