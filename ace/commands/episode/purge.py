"""`ace episode purge`: removing for good what episodes said and saw."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ace.commands.store import megabytes
from ace.commands.terminal.common import AuthorOption, JsonOption, StoreOption, console, count, only, opened, print_json
from ace.commands.terminal.prose import line, say
from ace.editing.author import author_name
from ace.editing.hand import Hand
from ace.editing.quarantine import Reached, reached_by_episodes, take_out
from ace.errors import BadSetting

if TYPE_CHECKING:
    from ace.memory.store import Store

_MOST = 10
"""Bullets that are named in words; `--json` has them all."""


def purge(
    episodes: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Ids of episodes.")] = None,
    *,
    run: Annotated[str, typer.Option("--run", help="All episodes of this run.")] = "",
    before: Annotated[str, typer.Option("--before", metavar="DATE", help="Those stored before this date (UTC) or time.")] = "",
    origin: Annotated[
        list[str] | None, typer.Option("--origin", metavar="O", help="Those from this sender, or from the environment.")
    ] = None,
    retire: Annotated[bool, typer.Option("--retire", help="Retire the bullets that rest on these episodes alone.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    author: AuthorOption = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Permanently remove the texts of episodes.

    Their tasks, observations, actions, thoughts, feedback and reflections, and the replies of their model calls, are removed
    from the file and from the automatic backups. Hashes, verdicts, costs, votes, and which bullets were shown and used are
    kept, so every count and every playbook can still be verified. Bullets are kept, and so is what the curator wrote: the
    reasons of deltas and its replies. The bullets that rest on the episodes are listed; --retire retires those that rest on
    nothing else and are not pinned, by a delta that can be undone. A purged episode is no longer shown to a curator."""
    from ace.memory.database.prefixes import IdKind
    from ace.memory.maintenance.purge import Choice

    until = _time(before)
    with opened(store) as db:
        named = tuple(db.whole(IdKind.EPISODE, each) for each in episodes or ())
        choice = Choice(named, db.whole(IdKind.RUN, run), until, only("--origin", origin or ()))
        ids = db.upkeep.chosen(choice)
        rest = reached_by_episodes(db, set(ids))
        if not json:
            _tell(rest, retire)
        meant = bool(ids) and (yes or _confirmed(len(ids)))
        done = db.upkeep.purge(choice) if meant else None
        retired = _retired(db, rest, author_name(author)) if done and retire else {}
    left = [str(p) for p in done.copies] if done else []
    purged = list(done.episodes) if done else []
    if json:
        rests = [{**_reached_json(r), "retired": retired.get(r.playbook, [])} for r in rest]
        print_json({"purged": purged, "bullets": rests, "copies": left, "log_emptied": not done or done.file.log_emptied})
        return
    if done is None:
        console().print("nothing was purged" if ids else f"nothing to purge: {_none(named)}")
        return
    sizes = f"had {megabytes(done.file.before)} before, and has {megabytes(done.file.after)} now"
    console().print(f"{count(len(purged), 'episode')} purged; the file {sizes}")
    for name, out in retired.items():
        console().print(f"{line(name)}: {count(len(out), 'bullet')} taken out")
    _warn(left, done.file.log_emptied)


def _none(named: Sequence[str]) -> str:
    """Why there is nothing to purge."""
    if not named:
        return "no episode is chosen that was not purged already"
    return f"{line(named[0])} was purged already" if len(named) == 1 else f"all {len(named)} were purged already"


def _warn(copies: Sequence[str], emptied: bool) -> None:
    """Say where the texts may still stand."""
    screen = console(stderr=True)
    if not emptied:
        screen.print("Another program has the store open, so its log may still hold them; then run: ace store compact")
    for path in copies:
        screen.print(f"This copy may still hold them, and was left alone: {path}")


def _tell(found: Sequence[Reached], gone: bool) -> None:
    """Say which bullets rest on the episodes; `gone`: those that rest on them alone are to be taken out."""
    screen = console(stderr=True)
    for r in found:
        rest = f"{count(len(r.alone), 'bullet')} of these episodes alone, {len(r.partly):,} of others too"
        then = "the former are taken out" if gone else "they stay; --retire takes the former out"
        say(screen, f"Playbook {line(r.playbook)}: {rest}; {then}.")
        for x in (*r.alone, *r.partly)[:_MOST]:
            say(screen, f"[{x.bullet.id}] {line(x.bullet.text)}", 2, style="dim")
    if found:
        say(screen, "Files that were exported before may still hold these texts; export them again.", style="dim")


def _reached_json(r: Reached) -> dict[str, Any]:
    groups = {"alone": r.alone, "with_others": r.partly}
    listed = {key: [{"id": x.bullet.id, "text": x.bullet.text} for x in found] for key, found in groups.items()}
    return {"playbook": r.playbook, **listed}


def _retired(db: Store, rest: Sequence[Reached], by: str) -> dict[str, list[str]]:
    """Take out what rests on purged episodes alone, but for pinned bullets; their ids by playbook. Who confirmed the purge has
    confirmed this."""
    hand = Hand(by, lambda otherwise: otherwise, lambda doubt: True)
    out = {r.playbook: [x for x in r.alone if not x.bullet.pinned] for r in rest}
    for name, found in out.items():
        if found:
            take_out(db, name, found, hand, "the episodes that it rests on were purged")
    return {name: [x.bullet.id for x in found] for name, found in out.items() if found}


def _confirmed(n: int) -> bool:
    what = f"{count(n, 'episode')} would be purged; what they said and saw cannot be brought back"
    if not sys.stdin.isatty():
        raise BadSetting(f"{what}. Say --yes to do it")
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
