"""What can be done from a shell: `python -m data COMMAND`.

** To add a command, write data/cli/<name>.py and name it in COMMANDS. **
Modules are loaded when their command is called, so that the others start fast.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "account": "data.cli.account:account",
    "alarms": "data.cli.alarms:alarms",
    "backup": "data.cli.backup:backup",
    "calendar": "data.cli.calendar:calendar",
    "check": "data.cli.check:check",
    "collect": "data.cli.collect:collect",
    "debt": "data.cli.debt:debt",
    "demo": "data.cli.store:demo",
    "display": "data.cli.display:display",
    "docs": "data.cli.docs:docs",
    "doctor": "data.cli.doctor:doctor",
    "exercise": "data.cli.exercise:exercise",
    "evidence": "data.cli.evidence:evidence",
    "ingest": "data.cli.ingest:ingest",
    "migrate": "data.cli.store:migrate",
    "notices": "data.cli.notices:notices",
    "profile": "data.cli.profile:profile",
    "quality": "data.cli.quality:quality",
    "replay": "data.cli.replay:replay",
    "report": "data.cli.report:report",
    "restore": "data.cli.backup:restore",
    "run": "data.cli.run:run",
    "simulate": "data.cli.simulate:simulate",
    "sop": "data.cli.sop:sop",
    "spc": "data.cli.spc:spc",
    "token": "data.cli.token:token",
    "watch": "data.cli.watch:watch",
}


class LazyGroup(click.Group):
    """Finds its commands in COMMANDS and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command, None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is not a click command")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a store that cannot be used is one line, not a traceback."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            said = _store_trouble(error)
            if said is None:
                raise
            from data.cli.refused import Refused

            raise Refused(said) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command; one that is not there is answered with the nearest names."""
        from data.cli.refused import no_such

        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            ctx.fail(no_such("command", args[0], self.list_commands(ctx)))
        return super().resolve_command(ctx, args)


def _store_trouble(error: Exception) -> str | None:
    """Return what is wrong with the store in one line, None for any other error."""
    if "sqlalchemy" not in sys.modules:
        return None
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, ProgrammingError

    if isinstance(error, ArgumentError | NoSuchModuleError):
        return "DATABASE_URL is no address of a database"
    if not isinstance(error, OperationalError | ProgrammingError):
        return None
    said = " ".join(str(error.orig).split("\n", 1)[0].split())
    lacks = "no such table" in said or ("relation" in said and "does not exist" in said)
    hint = "; `python -m data migrate` makes the tables" if lacks else ""
    return f"the store cannot be used: {said}{hint}"


@click.group(cls=LazyGroup)
def main() -> None:
    """Look at sources, fill the store, run the collector."""
