"""Run the collector."""

from __future__ import annotations

import signal

import click

from data import logs
from data.catalogue import catalogue
from data.collector.loop import Collector
from data.settings import settings
from data.store import open_store, utc_now


@click.command()
def collect() -> None:
    """Poll every source on its rhythm, store, roll up, publish. One leads, others stand by."""
    logs.configure(settings().log_level)
    collector = Collector(open_store(), catalogue(), settings(), clock=utc_now)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: collector.stop.set())
    collector.run()
