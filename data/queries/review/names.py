"""Names as the review shows them; what the catalogue no longer knows is shown by its code."""

from __future__ import annotations

from data.catalogue import Catalogue
from data.vocabulary import Names


def department_name(catalogue: Catalogue, key: str) -> Names:
    """Return the short name of a department."""
    found = catalogue.departments.get(key)
    return (found.short or found.name) if found else {"zh": key, "en": key}


def source_name(catalogue: Catalogue, key: str) -> Names:
    """Return the name of a source."""
    found = catalogue.sources.get(key)
    return found.name if found else {"zh": key, "en": key}
