"""Run the collector."""

from __future__ import annotations

import signal

import click

from data import logs
from data.catalogue import catalogue
from data.collector.loop import Collector, allow_list
from data.collector.memory import one_arena
from data.collector.notify import Notifier
from data.collector.outbound import FetchError
from data.collector.rounds import Chore
from data.settings import settings
from data.store import Store, open_store, utc_now


@click.command()
def collect() -> None:
    """Poll every source on its rhythm, store, roll up, publish. One leads, others stand by."""
    logs.configure(settings().log_level)
    one_arena()
    store = open_store()
    try:
        collector = Collector(store, catalogue(), settings(), clock=utc_now)
        allowed = allow_list(settings())
        notifier = Notifier(store, catalogue(), settings(), clock=utc_now, allowed=allowed)
    except FetchError as error:
        raise click.ClickException(str(error)) from error
    if settings().exercise:
        collector.rehearse()
    elif settings().demo:
        collector.chores.append(_officers(store))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: collector.stop.set())
    notifier.start()
    collector.run()
    notifier.end()


def _officers(store: Store) -> Chore:
    """Return the work of the demonstration's officers: here, where the one writer is.

    A process of its own would cost the memory of another store and its catalogue.
    """
    from data.simulate.officers import EVERY_S, Officers  # numpy, which only a demo needs

    officers = Officers(store, catalogue())
    return Chore(EVERY_S, lambda: officers.work(utc_now()))
