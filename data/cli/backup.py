"""Back the store up while it works, put a backup back, prove that it could be."""

from __future__ import annotations

import time
from pathlib import Path

import click

from data.catalogue import catalogue
from data.cli.refused import Refused
from data.cli.store import shown
from data.ops import OpsError
from data.ops import backup as making
from data.ops import restore as putting
from data.ops.archive import Manifest
from data.settings import settings
from data.store import Store, open_store, utc_now


@click.command()
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="folder (default: ZHIZHI_BACKUPS, else var/backups)")  # fmt: skip
@click.option("--keep", type=click.IntRange(0, 10000), default=0, help="newest to keep; 0: all")
@click.option("--verify", is_flag=True, help="restore it into a scratch place and compare")
def backup(folder: Path | None, keep: int, verify: bool) -> None:
    """Write the store into one new file. Everything goes on meanwhile.

    The file holds all that the store holds, also of persons: only its owner may read it.
    """
    store, now, started = open_store(), utc_now(), time.monotonic()
    path = (folder or settings().backup_folder) / making.name_at(now)
    try:
        manifest = making.backup(store, path, city=catalogue().city.code, now=now)
        if verify:
            putting.verify(store, path, scratch=_scratch(store, ""))
        gone = making.let_go(path.parent, keep)
    except OpsError as error:
        raise Refused(str(error)) from error
    finally:
        store.dispose()
    took = time.monotonic() - started
    size = path.stat().st_size / 1e6
    click.echo(f"{path}: {_told(manifest)}, {size:.1f} MB in {took:.0f} s")
    if verify:
        click.echo("restored into a scratch place and compared: the same")
    for old in gone:
        click.echo(f"removed: {old.name}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--verify", is_flag=True, help="only restore it into a scratch place and compare")
@click.option(
    "--scratch",
    default="",
    help="for --verify on SQLite: the folder to use (PostgreSQL: ZHIZHI_SCRATCH_URL)",
)
@click.option("--force", is_flag=True, help="also over a store that holds facts")
@click.option("--no-keep", is_flag=True, help="with --force: make no backup of what stands there")
def restore(file: Path, verify: bool, scratch: str, force: bool, no_keep: bool) -> None:
    """Make the store what FILE holds, or with --verify prove that it could be."""
    store, now = open_store(), utc_now()
    try:
        if verify:
            manifest = putting.verify(store, file, scratch=_scratch(store, scratch))
            click.echo(f"{file.name} can be restored: {_told(manifest)}")
            return
        city = catalogue().city.code
        done = putting.restore(store, file, city=city, now=now, force=force, keep=not no_keep)
    except OpsError as error:
        raise Refused(str(error)) from error
    finally:
        store.dispose()
    click.echo(f"{shown(store)} is what {file.name} held: {_told(done.manifest)}")
    if done.kept:
        click.echo(f"what stood there before: {done.kept}")
    if done.word:
        click.echo(done.word)
    if not done.at_head:
        click.echo("its tables are of an older form: run `python -m data migrate`")


def _scratch(store: Store, folder: str) -> str:
    """Return a folder, or the database that the environment names: it may hold a password."""
    return folder if store.sqlite else settings().scratch_url.get_secret_value()


def _told(manifest: Manifest) -> str:
    census = manifest.census
    made = manifest.made_at.astimezone().isoformat(sep=" ", timespec="seconds")
    return f"{census.rows} rows in {len(census.tables)} tables, form {census.revision}, of {made}"
