"""The key that signs sessions: given, or made once and kept beside the store."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from data.logs import logger
from data.settings import Settings
from data.store import Store

SHORTEST = 32
log = logger("identity")


class KeyTooShortError(ValueError):
    """ZHIZHI_SECRET_KEY could be guessed."""


def secret_key(store: Store, config: Settings) -> str:
    """Return the key of this city's sessions.

    Raises:
        KeyTooShortError: the one that was given has fewer than 32 letters.
    """
    given = config.secret_key.get_secret_value()
    if given:
        if len(given) < SHORTEST:
            raise KeyTooShortError(f"ZHIZHI_SECRET_KEY needs at least {SHORTEST} letters")
        return given
    try:
        return _kept(_folder(store, config) / "secret.key")
    except OSError as error:
        log.warning("no key can be kept: sessions end with this process", error=str(error))
        return secrets.token_urlsafe(48)


def _folder(store: Store, config: Settings) -> Path:
    name = store.engine.url.database
    return Path(name).parent if store.sqlite and name and name != ":memory:" else config.var


def _kept(path: Path) -> str:
    """Return the key in a file; make it if it is not there. Of two makers one wins."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    found = path.read_text(encoding="ascii").strip()
    if len(found) < SHORTEST:
        raise OSError(f"{path.name} holds no key")
    return found
