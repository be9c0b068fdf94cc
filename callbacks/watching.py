"""Who may look at the wall: anybody where it is open, else enrolled displays and people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from data.commands.displays import digest
from data.panels.board import is_demo
from data.queries.displays import display_of
from data.store import Store
from data.vocabulary.people import Display


@dataclass(frozen=True)
class Walls:
    """Who may look at the wall. mode: auto, open or enrolled."""

    store: Store
    mode: str
    https: bool

    @property
    def cookie(self) -> str:
        """The name of a device's cookie."""
        return "__Host-zhizhi-display" if self.https else "zhizhi-display"


def device() -> Display | None:
    """Return the display that asks, None if none does.

    Raises:
        identity.StoreLost: it shows a cookie of ours, and the store cannot say whether it stands.
    """
    if "display" not in g:
        g.display = _asked()
    return cast("Display | None", g.display)


def _asked() -> Display | None:
    walls = _walls()
    text = request.cookies.get(walls.cookie, "") if walls else ""
    if walls is None or not text:
        return None
    try:
        id_, secret = signer().loads(text[:600])
    except (BadSignature, ValueError, TypeError):
        return None
    try:
        with walls.store.read() as conn:
            return display_of(conn, str(id_), digest(str(secret)))
    except SQLAlchemyError as error:
        raise identity.StoreLost from error


def may_watch() -> bool:
    """Return whether whoever asks may look at the wall: anybody where it is open.

    While the store is lost a display that shows our cookie goes on: the wall says what is wrong.
    """
    walls = _walls()
    if walls is None or walls.mode == "open" or (walls.mode == "auto" and _synthetic(walls.store)):
        return True
    try:
        if device() is not None:
            return True
        found = identity.account()
    except identity.StoreLost:
        return True
    return found is not None and not identity.unready(found)


def _synthetic(store: Store) -> bool:
    """Return whether nobody is in it; a store that cannot say so is not."""
    try:
        with store.read() as conn:
            return is_demo(conn)
    except SQLAlchemyError:
        return False


def _walls() -> Walls | None:
    return cast("Walls | None", current_app.extensions.get("walls"))


def signer() -> URLSafeSerializer:
    """Return what signs the cookies of displays."""
    return URLSafeSerializer(str(current_app.secret_key), salt="display")
