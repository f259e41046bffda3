"""`ace episode purge`: removing for good what episodes said and saw."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from ace.commands.store import megabytes
from ace.commands.terminal.common import JsonOption, StoreOption, console, count, opened, print_json
from ace.errors import BadSetting


def purge(
    episodes: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Ids of episodes.")] = None,
    *,
    run: Annotated[str, typer.Option("--run", help="All episodes of this run.")] = "",
    before: Annotated[str, typer.Option("--before", metavar="DATE", help="Those stored before this day (UTC), or time.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Remove for good what episodes said and saw.

    Their tasks, observations, actions, thoughts, feedback and reflections go, and the replies of their model calls, from the
    file and from the automatic backups. What stays: hashes, verdicts, costs, which bullets were shown and used, votes; so
    every count and every playbook can still be verified. Bullets stay, and so does what the curator wrote: the reasons of
    deltas and its replies. A purged episode is not shown to a curator any more.
    """
    from ace.memory.database.prefixes import IdKind
    from ace.memory.maintenance.purge import Choice

    until = _time(before)
    with opened(store) as db:
        named = tuple(db.whole(IdKind.EPISODE, each) for each in episodes or ())
        choice = Choice(named, db.whole(IdKind.RUN, run), until)
        ids = db.upkeep.chosen(choice)
        meant = bool(ids) and (yes or _confirmed(len(ids)))
        done = db.upkeep.purge(choice) if meant else None
    left = [str(p) for p in done.copies] if done else []
    purged = list(done.episodes) if done else []
    if json:
        print_json({"purged": purged, "copies": left, "log_emptied": done.file.log_emptied if done else True})
        return
    if done is None:
        console().print("nothing was purged" if ids else "nothing to purge: no such episode, or all purged already")
        return
    sizes = f"had {megabytes(done.file.before)} before, and has {megabytes(done.file.after)} now"
    console().print(f"{count(len(purged), 'episode')} purged; the file {sizes}")
    screen = console(stderr=True)
    if not done.file.log_emptied:
        screen.print("Another program has the store open, so its log may still hold them; then run: ace store compact")
    for path in left:
        screen.print(f"This copy may still hold them, and was left alone: {path}")


def _confirmed(n: int) -> bool:
    what = f"{count(n, 'episode')} would be purged; what they said and saw cannot be brought back"
    if not sys.stdin.isatty():
        raise BadSetting(f"{what}. Say --yes to do it")
    from ace.commands.terminal.prose import say

    say(console(stderr=True), f"{what}.")
    return typer.confirm("Purge?", err=True)


def _time(text: str) -> str:
    """A day, or a time, as times are stored."""
    if not text:
        return ""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise BadSetting(f"{text!r} is not a date; write it as 2026-01-31, or 2026-01-31T18:00") from None
    aware = given if given.tzinfo else given.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
