"""Reads as a control room does, until its input ends; prints how long each took, in milliseconds."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
import urllib.request
from collections.abc import Callable

from data.catalogue import catalogue
from data.queries.alarms.standing import standing
from data.queries.desk import desk_rows
from data.queries.desk_filter import Reader
from data.queries.keys import read_keys
from data.queries.scope import EVERYTHING
from data.store import open_store, utc_now
from data.vocabulary import Role
from data.vocabulary.desk import DeskView

PAUSE_S = 0.02


def main() -> None:
    """Say `ready`, read one thing after another, print what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    asked = parser.parse_args()
    store, facts = open_store(), catalogue()
    with store.read() as conn:
        keys = read_keys(conn)
    reader = Reader(1, Role.OPERATOR, EVERYTHING)

    def alarms() -> None:
        with store.read() as conn:
            standing(conn, facts, keys, area="441602")

    def desk() -> None:
        with store.read() as conn:
            desk_rows(conn, facts, keys, reader, DeskView(), now=utc_now(), limit=100)

    def web(path: str) -> Callable[[], None]:
        def ask() -> None:
            with urllib.request.urlopen(asked.url + path, timeout=30) as answer:
                answer.read()

        return ask

    reads = {"alarms": alarms, "desk": desk, "wall": web("/"),
             "panels": web("/live/since?scopes=zh:441600&rev=-1")}  # fmt: skip
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    for read in reads.values():
        read()
    print("ready", flush=True)
    took: dict[str, list[float]] = {name: [] for name in reads}
    while not over.is_set():
        for name, read in reads.items():
            start = time.perf_counter()
            read()
            took[name].append((time.perf_counter() - start) * 1000)
            time.sleep(PAUSE_S)
    print(json.dumps(took), flush=True)


if __name__ == "__main__":
    main()
