"""Parts of the page of a case as they are read: drawn in a language, as words."""

from components.i18n import use
from tests.helpers import walk
from tests.helpers import words as written


def words(part):
    """Return what is written, one space between words."""
    return " ".join(written(part).split())


def drawn(make, *given, lang="zh"):
    with use(lang):
        return make(*given)


def said(make, *given, lang="zh"):
    return words(drawn(make, *given, lang=lang))


def links(part):
    return [c.href for c in walk(part) if getattr(c, "href", None)]
