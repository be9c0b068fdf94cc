"""What the duties page is drawn from, and how it is narrowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from components.duties_ids import DutyView
from data.cases.duties import DutyLine
from data.cases.procedures import SopVersion
from data.catalogue.clock_rule import ClockRule
from data.vocabulary import Names


@dataclass(frozen=True)
class DutiesShown:
    """Everything on the page as the store and the catalogue have it.

    sops: versions of each procedure, newest first. clocks: by code, as valid now. as_of: epoch
    seconds. proposing, deciding: what the reader may do; me: their account, to tell them their
    own proposals.
    """

    lines: list[DutyLine]
    sops: Mapping[str, list[SopVersion]]
    departments: Mapping[str, Names]
    categories: Mapping[str, Names]
    domains: Mapping[str, Names]
    domain_of: Mapping[str, str]
    areas: Mapping[str, Names]
    clocks: Mapping[str, ClockRule]
    as_of: float
    demo: bool = False
    proposing: bool = False
    deciding: bool = False
    me: int | None = None

    def department(self, key: str) -> Names:
        """Return the name of a department, its key if it is not known."""
        return self.departments.get(key, {"zh": key, "en": key})

    def category(self, code: str) -> Names:
        """Return the name of a category, its code if it is not known."""
        return self.categories.get(code, {"zh": code, "en": code})


def chosen_lines(shown: DutiesShown, view: DutyView) -> list[DutyLine]:
    """Return the duties that the view asks for, in their order."""
    return [line for line in shown.lines if _fits(shown, view, line)]


def _fits(shown: DutiesShown, view: DutyView, line: DutyLine) -> bool:
    if view.domain and shown.domain_of.get(line.duty.category) != view.domain:
        return False
    if view.department and view.department not in line.departments:
        return False
    return found_in(view.q, _words(shown, line))


def _words(shown: DutiesShown, line: DutyLine) -> Iterable[str]:
    duty = line.duty
    yield duty.category
    yield from both(shown.category(duty.category))
    for key in line.departments:
        yield from both(shown.department(key))
    yield from both(duty.basis)
    yield duty.sop or ""
    for version in shown.sops.get(duty.sop or "", [])[:1]:
        yield from both(version.sop.name)
    for decided in line.decided:
        yield from (decided.reason, decided.name, decided.case_no or "")


def chosen_sops(shown: DutiesShown, view: DutyView) -> list[str]:
    """Return the procedures that the view asks for, those that wait for a decision first."""
    codes = [c for c, versions in shown.sops.items() if _sop_fits(shown, view, versions)]
    return sorted(codes, key=lambda code: not waiting(shown.sops[code]))


def waiting(versions: Iterable[SopVersion]) -> bool:
    """Return whether a proposed version waits for its decision."""
    return any(x.state == "proposed" for x in versions)


def _sop_fits(shown: DutiesShown, view: DutyView, versions: list[SopVersion]) -> bool:
    sop = (holding(versions) or versions[0]).sop
    if view.domain and view.domain not in _domains(shown, sop.code, versions):
        return False
    if view.department and view.department not in {s.department for s in sop.steps}:
        return False
    words = [sop.code, *both(sop.name), *both(sop.basis)]
    for step in sop.steps:
        words += [*both(step.name), *both(shown.department(step.department))]
    return found_in(view.q, words)


def _domains(shown: DutiesShown, code: str, versions: list[SopVersion]) -> set[str]:
    """Return the domains whose categories name a procedure, or that its rule starts it for."""
    rule = versions[0].sop.rule
    categories = {x.duty.category for x in shown.lines if x.duty.sop == code}
    categories |= set(rule.categories) if rule else set()
    return {shown.domain_of[c] for c in categories if c in shown.domain_of}


def holding(versions: Iterable[SopVersion]) -> SopVersion | None:
    """Return the version that new cases start from."""
    return next((x for x in versions if x.in_force), None)


def both(names: Names) -> tuple[str, str]:
    """Return a name in both languages."""
    return names["zh"], names["en"]


def found_in(wanted: str, words: Iterable[str]) -> bool:
    """Return whether every part of what is looked for stands somewhere in the words."""
    parts = wanted.casefold().split()
    text = "\n".join(words).casefold() if parts else ""
    return all(part in text for part in parts)
