"""Which language is spoken, and what a word is called in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from data.vocabulary import LANGUAGES, Names

LOCALE = Path(__file__).with_name("locale")
_language: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])


def _load(lang: str) -> Translations:
    """Read one catalogue straight from its .po, so that there is no build step to forget."""
    with (LOCALE / lang / "LC_MESSAGES" / "messages.po").open("rb") as lines:
        catalogue = read_po(lines, locale=lang)
    binary = BytesIO()
    write_mo(binary, catalogue)
    binary.seek(0)
    return Translations(binary)


_TRANSLATIONS = {lang: _load(lang) for lang in LANGUAGES}


@contextmanager
def use(lang: str) -> Iterator[None]:
    """Speak `lang` inside the block; an unknown language means the first of LANGUAGES."""
    token = _language.set(lang if lang in LANGUAGES else LANGUAGES[0])
    try:
        yield
    finally:
        _language.reset(token)


def language() -> str:
    """Return the language spoken now."""
    return _language.get()


def gettext(message: str) -> str:
    """Return `message`, an English source string, in the language spoken now."""
    return str(_TRANSLATIONS[_language.get()].gettext(message))


def ngettext(one: str, many: str, count: int) -> str:
    """Return the form of a message that fits `count`, with {n} filled in."""
    form = str(_TRANSLATIONS[_language.get()].ngettext(one, many, count))
    return form.format(n=count)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Mark a message of a module-level table for extraction; return it unchanged."""
    return message


def name(names: Names | None) -> str:
    """Return the name in the language spoken now, else in the other one, else nothing."""
    if names is None:
        return ""
    return (names["en"] or names["zh"]) if _language.get() == "en" else (names["zh"] or names["en"])


_ = gettext
