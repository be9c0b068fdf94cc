"""What a callback declared: who may ask it, which parts it reads, of which types."""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, PydanticSchemaGenerationError, TypeAdapter, ValidationError

from data.vocabulary import LANGUAGES, Role

WILD = {"ALL", "MATCH", "ALLSMALLER"}
Roles = frozenset[Role] | None
"""None: open to everybody."""

Id = str | dict[str, Any]
MOST_CLICKS = 10**9
UNSET = frozenset({"n_clicks", "value", "search", "pathname", "hash", "href", "children"})
"""Properties that browsers leave unset; of all others the callback's own types say so."""
LONGEST_KEY, LONGEST_ADDRESS = 200, 4000
STRICT = ConfigDict(strict=True)


class UndeclaredError(RuntimeError):
    """A callback cannot be let in by anybody: the server does not start."""


class OffError(ValueError):
    """What was sent is not what the callback declared."""


@dataclass(frozen=True)
class Slot:
    """One place of a callback: a part's id (a pattern: a mapping), its property, its type.

    many: the pattern has ALL, so a list of parts is sent. taken: None where no value is read.
    kind: the type as it was declared, of one where there are many.
    """

    id: Id
    prop: str
    many: bool
    taken: TypeAdapter[Any] | None = None
    kind: Any = None

    def meets(self, id_: Any, match: dict[str, Any]) -> bool:
        """Return whether an id is one of this slot; what MATCH stands for is kept in `match`."""
        if isinstance(self.id, str):
            return bool(id_ == self.id)
        if not isinstance(id_, dict) or id_.keys() != self.id.keys():
            return False
        return all(_fits(key, want, id_[key], match) for key, want in self.id.items())


@dataclass(frozen=True)
class Contract:
    """A callback as it was declared. runs: on the server, not in the browser."""

    output: str
    roles: Roles
    outputs: tuple[Slot, ...]
    inputs: tuple[Slot, ...]
    state: tuple[Slot, ...]
    runs: bool

    @property
    def single(self) -> bool:
        """Whether it writes one part, which Dash sends bare."""
        return not self.output.startswith("..")


def _fits(key: str, want: Any, got: Any, match: dict[str, Any]) -> bool:
    if not (isinstance(want, list) and want and want[0] in WILD):
        return bool(want == got) and type(want) is type(got)
    if isinstance(got, str):
        if len(got) > LONGEST_KEY or not got.isprintable():
            return False
    elif not isinstance(got, int | float):
        return False
    if want[0] == "MATCH":
        return bool(match.setdefault(key, got) == got)
    return True


def read(output: str, callback: Mapping[str, Any], roles: Roles) -> Contract:
    """Return the contract of an entry of `callback_map`.

    Raises:
        UndeclaredError: an argument without a type, or of one that pydantic cannot check.
    """
    function = callback.get("callback")
    asked = [*callback["inputs"], *callback["state"]]
    types = _types(output, function, len(asked)) if function else [Any] * len(asked)
    slots = [_slot(d, kind) for d, kind in zip(asked, types, strict=True)]
    first = len(callback["inputs"])
    return Contract(
        output, roles, tuple(_outputs(output)), tuple(slots[:first]), tuple(slots[first:]),
        runs=function is not None,
    )  # fmt: skip


def _types(output: str, function: Any, count: int) -> list[Any]:
    plain = inspect.unwrap(function)
    try:
        hints = typing.get_type_hints(plain)
    except NameError as error:
        raise UndeclaredError(f"{output}: {error}: its types must stand in its module") from error
    names = list(inspect.signature(plain).parameters)
    if len(names) != count:
        raise UndeclaredError(f"{output}: {count} inputs and states, {len(names)} arguments")
    missing = [name for name in names if name not in hints]
    if missing:
        raise UndeclaredError(f"{output}: no type for {', '.join(missing)}")
    return [hints[name] for name in names]


def _slot(declared: Mapping[str, str], kind: Any) -> Slot:
    id_ = id_of(declared["id"])
    many = isinstance(id_, dict) and any(
        isinstance(v, list) and v[0] in ("ALL", "ALLSMALLER") for v in id_.values()
    )
    kind = _inner(kind) if many else kind
    try:
        taken = _taken(declared["property"], kind)
    except PydanticSchemaGenerationError as error:
        raise UndeclaredError(f"{declared['id']}: {kind} cannot be checked") from error
    return Slot(id_, declared["property"], many, taken, kind)


def _inner(kind: Any) -> Any:
    """Return the type of one of a list: of Sequence[int] it is int."""
    inner = typing.get_args(kind)
    return inner[0] if inner else Any


def _taken(prop: str, kind: Any) -> TypeAdapter[Any]:
    """Return what checks a value. A page sends null for what nobody typed or clicked yet."""
    if prop == "n_clicks":
        kind = int
    wanted = kind if kind is Any or prop not in UNSET else kind | None
    return TypeAdapter(wanted, config=STRICT) if _plain(kind) else TypeAdapter(wanted)


def _plain(kind: Any) -> bool:
    return not (isinstance(kind, type) and hasattr(kind, "__pydantic_core_schema__"))


def _outputs(output: str) -> Sequence[Slot]:
    parts = output.strip(".").split("...")
    found = []
    for part in parts:
        id_, _, prop = part.partition("@")[0].rpartition(".")
        found.append(_bare(id_of(id_), prop))
    return found


def _bare(id_: Id, prop: str) -> Slot:
    wild = id_.values() if isinstance(id_, dict) else ()
    many = any(isinstance(v, list) and v[0] in ("ALL", "ALLSMALLER") for v in wild)
    return Slot(id_, prop, many)


def id_of(text: str) -> Id:
    """Return an id as Dash writes it in a callback's name: a pattern is JSON."""
    if not text.startswith("{"):
        return text
    found = json.loads(text)
    return found if isinstance(found, dict) else text


def check_value(slot: Slot, id_: Any, value: Any) -> None:
    """Raise OffError for a value that the slot does not take."""
    if slot.prop == "lang":
        good = value in LANGUAGES
    elif slot.prop == "id":
        good = value == id_
    elif slot.prop == "n_clicks":
        good = value is None or (type(value) is int and 0 <= value < MOST_CLICKS)
    elif slot.prop in ("search", "pathname", "hash", "href"):
        good = value is None or (isinstance(value, str) and len(value) <= LONGEST_ADDRESS)
    else:
        good = _valid(slot.taken, value)
    if not good:
        raise OffError(f"{slot.prop} of another type")


def _valid(taken: TypeAdapter[Any] | None, value: Any) -> bool:
    if taken is None:
        return True
    try:
        taken.validate_python(value)
    except ValidationError:
        return False
    return True
