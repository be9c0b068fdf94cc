"""The envelope of a callback, as Dash's renderer writes it; checked against what was declared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from callbacks.gate.contract import Contract, OffError, Slot, check_value
from callbacks.gate.plain import unplain

MOST_PARTS, MOST_KEYS, LONGEST = 5000, 12, 200
Text = Annotated[str, Field(max_length=LONGEST)]
IdOf = Text | Annotated[dict[Text, Text | int | float | bool], Field(max_length=MOST_KEYS)]


class Named(BaseModel):
    """A part and one of its properties."""

    model_config = ConfigDict(strict=True, extra="forbid")
    id: IdOf
    property: Text


class Valued(Named):
    """The same with its value; Dash leaves out one that is not set."""

    value: Any = None


Values = Valued | Annotated[list[Valued], Field(max_length=MOST_PARTS)]
Outputs = Named | Annotated[list[Named], Field(max_length=MOST_PARTS)]


class Envelope(BaseModel):
    """One question of a page. Whatever else stands in it is refused."""

    model_config = ConfigDict(strict=True, extra="forbid")
    output: Annotated[str, Field(max_length=4000)]
    outputs: Outputs | Annotated[list[Outputs], Field(max_length=MOST_PARTS)] | None = None
    inputs: Annotated[list[Values], Field(max_length=100)]
    state: Annotated[list[Values], Field(max_length=100)] = []
    changedPropIds: Annotated[list[str], Field(max_length=MOST_PARTS)] = []  # noqa: N815 - Dash's
    parsedChangedPropsIds: Any = None  # noqa: N815 - Dash's; nobody reads it


_envelopes = TypeAdapter(Envelope)


def opened(body: Any) -> Envelope:
    """Return the envelope of a JSON body; raise OffError if it is none."""
    if reason := unplain(body):
        raise OffError(reason)
    try:
        return _envelopes.validate_python(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise OffError(f"{'.'.join(map(str, first['loc']))[:100]}: {first['type']}") from None


def check(asked: Envelope, contract: Contract) -> None:
    """Raise OffError unless an envelope is what Dash would send for this callback."""
    match: dict[str, Any] = {}
    if not contract.runs:
        raise OffError("this one runs in the browser")
    _check_outputs(asked.outputs, contract, match)
    keys = _check_values(asked.inputs, contract.inputs, match)
    _check_values(asked.state, contract.state, match)
    outputs: Any = [asked.outputs] if contract.single else asked.outputs
    _check_pairs(
        [*outputs, *asked.inputs, *asked.state],
        [*contract.outputs, *contract.inputs, *contract.state],
    )
    for changed in asked.changedPropIds:
        if changed not in keys and not _removed(changed, contract.inputs, match):
            raise OffError("changed: no input of this callback")


def _check_values(
    given: Sequence[Valued | list[Valued]], slots: Sequence[Slot], match: dict[str, Any]
) -> set[str]:
    """Check values place by place; return their names as changedPropIds has them."""
    if len(given) != len(slots):
        raise OffError("not as many parts as were declared")
    keys: set[str] = set()
    for value, slot in zip(given, slots, strict=True):
        for one in _listed(value, slot):
            _check_one(one, slot, match)
            check_value(slot, one.id, one.value)
            keys.add(key_of(one))
    return keys


def _check_pairs(given: Sequence[Any], slots: Sequence[Slot]) -> None:
    """Values and ids of one pattern come from the same parts of a page, in the same order."""
    known: list[tuple[Slot, list[Any]]] = []
    for value, slot in zip(given, slots, strict=True):
        if not isinstance(value, list):
            continue
        ids = [one.id for one in value]
        if any(other.id == slot.id and theirs != ids for other, theirs in known):
            raise OffError("values of other parts than their ids")
        known.append((slot, ids))


def _check_one(one: Named, slot: Slot, match: dict[str, Any]) -> None:
    if one.property != slot.prop or not slot.meets(one.id, match):
        raise OffError("a part that was not declared")


def _listed(value: Any, slot: Slot) -> list[Any]:
    if slot.many is not isinstance(value, list):
        raise OffError("one part for many, or many for one")
    return value if slot.many else [value]


def _check_outputs(given: Any, contract: Contract, match: dict[str, Any]) -> None:
    slots = contract.outputs
    if given is None:
        raise OffError("no outputs")
    whole = [given] if contract.single else given
    if not isinstance(whole, list) or len(whole) != len(slots):
        raise OffError("not as many outputs as were declared")
    for value, slot in zip(whole, slots, strict=True):
        for one in _listed(value, slot):
            _check_one(one, slot, match)


def key_of(one: Named) -> str:
    """Return a part as changedPropIds names it: keys of a pattern sorted, no blanks."""
    return f"{_written(one.id)}.{one.property}"


def _written(id_: Any) -> str:
    if isinstance(id_, str):
        return id_
    return json.dumps(id_, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _removed(changed: str, slots: Sequence[Slot], match: dict[str, Any]) -> bool:
    """Return whether it names a part that such a page may just have lost."""
    text, _, prop = changed.rpartition(".")
    if not text.startswith("{") or len(text) > 1000:
        return False
    try:
        id_ = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return any(s.prop == prop and s.meets(id_, dict(match)) for s in slots)
