"""Envelopes as Dash's renderer writes them, and as nobody should: drawn from what was declared."""

from __future__ import annotations

import json
import typing
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, Union

from hypothesis import strategies as st

from callbacks.gate.contract import WILD, Contract, Slot

HOSTILE = [
    "", "0", "-1", "1e9", "９９", "²", "null", "' or 1=1 --", "<script>alert(1)</script>", "../../etc",
    "javascript:alert(1)", "a" * 300, "441600", "441621", "2026-W47", "2026-11-23", "?x=%00",
    "?area=441621&week=2026-W99", "?at=9999-99-99", "?view=%F0%9F%98%80&number=99999999999999999999",
    "?lang=xx&sop=' or 1", "\u202eabc", "\ud83d\ude00", "NaN", "Infinity", "{}", "[]",
]  # fmt: skip
ATOMS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6),
    st.sampled_from(HOSTILE), st.text(max_size=30),
)  # fmt: skip
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))
BASE: dict[Any, Any] = {
    str: TEXTS, int: st.integers(-(10**6), 10**6), type(None): st.none(), bool: st.booleans(),
    float: st.floats(-1e6, 1e6),
    Sequence: st.lists(TEXTS, max_size=3), list: st.lists(TEXTS, max_size=3),
    Mapping: st.dictionaries(TEXTS, VALUES, max_size=3),
    dict: st.dictionaries(TEXTS, VALUES, max_size=3),
}  # fmt: skip
KEYS = st.one_of(
    st.sampled_from(HOSTILE), st.integers(-5, 10**6), st.booleans(), st.text(max_size=12)
)


def _id(draw: Any, slot: Slot, match: dict[str, Any]) -> Any:
    if isinstance(slot.id, str):
        return slot.id
    found = {}
    for key, want in slot.id.items():
        wild = want[0] if isinstance(want, list) and want[0] in WILD else ""
        if not wild:
            found[key] = want
        elif wild == "MATCH":
            found[key] = match.setdefault(key, draw(KEYS))
        else:
            found[key] = draw(KEYS)
    return found


def _value(draw: Any, slot: Slot, id_: Any) -> Any:
    if slot.prop == "id":
        return id_
    if slot.prop == "lang":
        return draw(st.sampled_from(["zh", "en"]))
    if slot.prop == "n_clicks":
        return draw(st.one_of(st.none(), st.integers(0, 9)))
    if slot.prop == "search":
        return draw(st.one_of(st.none(), st.sampled_from(HOSTILE), TEXTS))
    return draw(_of(slot.kind))


def _of(kind: Any) -> Any:
    """Return values of a declared type."""
    options = typing.get_args(kind) if typing.get_origin(kind) in (Union, UnionType) else (kind,)
    return st.one_of(*(BASE.get(typing.get_origin(o) or o, VALUES) for o in options))


def _parts(draw: Any, slots: tuple[Slot, ...], match: dict[str, Any], *, valued: bool) -> list[Any]:
    found = []
    for slot in slots:
        many = range(draw(st.integers(0, 3))) if slot.many else range(1)
        whole = []
        for _n in many:
            id_ = _id(draw, slot, match)
            part = {"id": id_, "property": slot.prop}
            whole.append(part | ({"value": _value(draw, slot, id_)} if valued else {}))
        found.append(whole if slot.many else whole[0])
    return found


@st.composite
def like_dash(draw: Any, contract: Contract) -> dict[str, Any]:
    """Draw an envelope of the right shape with whatever values."""
    match: dict[str, Any] = {}
    inputs = _parts(draw, contract.inputs, match, valued=True)
    state = _parts(draw, contract.state, match, valued=True)
    outputs = _parts(draw, contract.outputs, match, valued=False)
    flat = [p for part in inputs for p in (part if isinstance(part, list) else [part])]
    changed = [_name(p) for p in flat[:1]]
    return {
        "output": contract.output, "outputs": outputs[0] if contract.single else outputs,
        "inputs": inputs, "state": state, "changedPropIds": changed,
    }  # fmt: skip


@st.composite
def broken(draw: Any, contract: Contract) -> Any:
    """Draw one with something wrong: a key left out, another type, a part of another page."""
    whole = draw(like_dash(contract))
    key = draw(st.sampled_from(sorted(whole)))
    kind = draw(st.sampled_from(("gone", "other", "more", "foreign", "swapped")))
    if kind == "gone":
        del whole[key]
    elif kind == "other":
        whole[key] = draw(VALUES)
    elif kind == "more":
        whole[draw(st.text(min_size=1, max_size=10))] = draw(VALUES)
    elif kind == "foreign":
        part = {"id": draw(st.sampled_from(["wall", "desk", "x", "{}"])), "property": "children",
                "value": draw(VALUES)}  # fmt: skip
        whole["inputs"] = [*whole["inputs"], part]
    else:
        whole["inputs"], whole["state"] = whole["state"], whole["inputs"]
    return whole


def _name(part: dict[str, Any]) -> str:
    id_ = part["id"]
    if not isinstance(id_, str):
        id_ = json.dumps(id_, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{id_}.{part['property']}"
