"""What each agency does on a case, and how far its procedures are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from dash import html
from dash.development.base_component import Component

from components.case_times import stamp, ticking
from components.i18n import _, name
from data.cases.page import CasePage, StepRow, TaskRow


def case_work(page: CasePage) -> list[Component]:
    """Return the sections of tasks and of procedures; none where there are none."""
    return [*_tasks(page.tasks), *_plans(page.steps)]


def _tasks(tasks: Sequence[TaskRow]) -> list[Component]:
    if not tasks:
        return []
    heads = (_("Department"), _("Task"), _("Asked"), _("Arrived"), _("Started"), _("Finished"))
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(h) for h in heads])),
            html.Tbody([row for t in tasks for row in _task(t)]),
        ],
        className="plain tasks",
    )
    open_ = sum(t.ended_at is None for t in tasks)
    said = _("{n} of {all} under way").format(n=open_, all=len(tasks))
    head = html.Header([html.H2(_("Tasks of the agencies")), html.Span(said, className="dim2")])
    return [html.Section([head, table], className="card")]


def _task(task: TaskRow) -> list[Component]:
    times = [
        html.Td(stamp(at, brief=True), className="num")
        for at in (task.asked_at, task.arrived_at, task.started_at, task.ended_at)
    ]
    what: list[Component | str] = [html.Span(task.activity)]
    if task.due_at and task.ended_at is None:
        what.append(ticking(task.due_at))
    row = html.Tr([html.Td(name(task.department_name)), html.Td(what), *times])
    if not task.result:
        return [row]
    said = html.Td(_("Result: {text}").format(text=task.result), colSpan=6, className="dim said")
    return [row, html.Tr(said, className="more")]


def _plans(steps: Sequence[StepRow]) -> list[Component]:
    found: list[Component] = []
    for (sop, version), group in groupby(steps, key=lambda s: (s.sop, s.version)):
        rows = list(group)
        done = sum(s.done_at is not None for s in rows)
        said = _("{n} of {all} steps · {sop}, version {version}").format(
            n=done, all=len(rows), sop=sop, version=version
        )
        bar = html.Progress(value=str(done), max=str(len(rows)))
        head = html.Header([html.H2(_("Procedure")), html.Span([bar, " ", said], className="dim2")])
        found.append(html.Section([head, html.Ol([_step(s) for s in rows])], className="card sop"))
    return found


def _step(step: StepRow) -> html.Li:
    said: list[Component | str] = [html.B(name(step.name))]
    if step.department_name:
        said.append(html.Span(name(step.department_name), className="dim"))
    if step.condition and name(step.condition):
        said.append(html.Span(_("if {what}").format(what=name(step.condition)), className="dim2"))
    if step.done_at is None:
        state = "open"
        said.append(ticking(step.due_at) if step.due_at else html.Span(_("to do")))
    else:
        state = "skipped" if step.skipped else "done"
        word = _("skipped") if step.skipped else _("done")
        who = " · ".join(s for s in (word, step.done_name or "") if s)
        said.append(html.Span([who, " ", stamp(step.done_at, brief=True)], className="dim2"))
    if step.note:
        said.append(html.Span(step.note, className="note"))
    return html.Li(said, value=str(step.no), className=f"s-{state}")
