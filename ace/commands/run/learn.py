"""`ace learn`: from attempts that exist already, those of a program's own agent or files that other programs wrote.

What `playbook.learn` of the library does, with `--from` before it; the options are those settings of a run that learning has.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from ace.budget import Budget
from ace.commands.run import HELP
from ace.commands.run.options import takes_these
from ace.commands.run.progress import Plain, ProgressDisplay, Quiet, live
from ace.commands.terminal import completion
from ace.commands.terminal.common import JsonOption, console, count, print_json
from ace.commands.terminal.outside import tell
from ace.commands.terminal.streams import work_is_kept
from ace.flags import Door, Stated, stated
from ace.settings import RunSettings
from ace.types import JSON

if TYPE_CHECKING:
    from ace.session.learning import LearnResult
    from ace.session.past import ImportedAttempts, PastFiles
    from ace.traces.reading import PastFile

_Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="The playbook; with --from, created if absent.", autocompletion=completion.playbooks),
]
_From = Annotated[
    list[str], typer.Option("--from", metavar="FILE", help="Attempts made elsewhere: a file or a folder; may be repeated.")
]
_Form = Annotated[str, typer.Option(help="inspect, messages, otel or transcripts; detected from the file if not given.")]
_Outcome = Annotated[str, typer.Option(metavar="FIELD", help="The field, scorer or evaluation that holds the verdict.")]
_AtLeast = Annotated[float, typer.Option(help="The lowest score that counts as a success.")]
_Origin = Annotated[str, typer.Option(help="Sender of the tasks where rows name none; unverified: not authenticated.")]


def _settings() -> list[Stated]:
    """The settings of a run that learning from what exists has too."""
    names = {s.name for s in stated(RunSettings, Door.LEARN)}
    return [s for s in stated(RunSettings, Door.RUN) if s.field == "budget" or s.name in (*names, "model", "store")]


@takes_these(_settings(), Door.RUN)
def learn(
    *,
    name: _Name,
    files: _From = [],  # noqa: B006
    form: _Form = "",
    outcome: _Outcome = "",
    at_least: _AtLeast = 1.0,
    origin: _Origin = "",
    limit: Annotated[int | None, typer.Option(help="Learn from at most this many attempts; all if not given.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check the files and report what they contain; store nothing.")
    ] = False,
    json: JsonOption = False,
    **options: Any,
) -> None:
    """Learn from attempts that exist already: those that a program reported to this store, and with --from those in files.

    Files may be JSON logs of Inspect, rows of messages with an outcome, OpenTelemetry GenAI spans as JSON, or a folder of
    transcripts with a CSV of outcomes. They are stored once, however often they are read; nothing in them is executed.
    """
    from ace import loops
    from ace.session.learning import Learning
    from ace.session.past import import_attempts, past_files
    from ace.session.playbook import open as open_playbook

    if not files:
        _require_unread(form, outcome, origin)
    read = past_files(files, form, outcome, at_least, origin=origin)
    keywords = _keywords(options, limit)
    if not dry_run:
        _check(name, options["model"], keywords)
        _say_where_requests_wait(options["model"], keywords)
    for line in () if json else _described(read.read):
        tell(line)
    if dry_run:
        _tell_plan(name, read, options["store"], as_json=json)
        return
    showing: ProgressDisplay = Quiet() if json else live() if sys.stderr.isatty() else Plain()
    with open_playbook(name, store=options["store"], create=bool(files)) as playbook:
        learning = Learning(playbook.place, options["model"], cast(Any, {**keywords, "on_event": showing.hear}))
        came = import_attempts(playbook.place, read)
        if files and not json:
            tell(f"{count(came.new, 'attempt')} stored" + (f", {came.known:,} were there already" if came.known else ""))
        with showing:
            result = loops.run(learning.run(), learning.stop)
    work_is_kept()
    if json:
        print_json({**asdict(result), "usage": result.usage.as_json(), "roles": _roles(result), "from": _as_json(came)})
    else:
        _print(result)


def _say_where_requests_wait(model: str, keywords: Mapping[str, Any]) -> None:
    from ace.commands.run.running import say_where_requests_wait

    say_where_requests_wait(keywords.get(role, model) for role in ("reflector_model", "curator_model"))


def _require_unread(*given: str) -> None:
    """Raise `BadSetting` for what says how files are read, where there are none."""
    from ace.errors import BadSetting

    if any(given):
        raise BadSetting("--form, --outcome and --origin say how files are read; name one with --from FILE")


def _check(name: str, model: str, keywords: Mapping[str, Any]) -> None:
    """Raise the user's mistakes, before a store is made."""
    from ace.memory.database.refs import check_name
    from ace.session.learning import learnable

    check_name(name)
    learnable(name, model, cast(Any, keywords))


def _keywords(options: Mapping[str, Any], limit: int | None) -> dict[str, Any]:
    """The options as the keywords of `playbook.learn`; what was not given is left out."""
    made: dict[str, Any] = {} if limit is None else {"limit": limit}
    limits: dict[str, Any] = {}
    for s in _settings():
        value = options[s.key.replace("-", "_")]
        value = value if s.flag.read is None else s.flag.read(value)
        if s.name in ("model", "store") or value in (None, "", (), {}, []):
            continue
        (limits if s.field == "budget" else made)[s.name] = value
    return {**made, "budget": Budget(**limits)}


def _described(read: Sequence[PastFile]) -> list[str]:
    return [
        f"read {r.source.path} ({r.source.form}): {r.won:,} won, {r.lost:,} lost"
        + (f"; {r.unknown:,} without a verdict, left out{r.why}" if r.unknown else "")
        for r in read
    ]


def _tell_plan(name: str, read: PastFiles, store: str, *, as_json: bool) -> None:
    """What learning would begin with; nothing is stored."""
    from ace.memory.database.sqlite import kept_location, place
    from ace.memory.store import Store

    location, owed = kept_location(store), 0
    file = place(location).path
    if file is not None and file.exists():
        with Store.open(location, create=False) as db:
            owed = len(db.unlearned(name, None)) if name in [p.name for p in db.playbooks()] else 0
    found = sum(r.won + r.lost for r in read.read)
    if as_json:
        print_json({"playbook": name, "owed": owed, "from": [_file(r) for r in read.read]})
    else:
        there = f"; {owed:,} wait in the store" if owed else ""
        tell(
            f"would store what is new of {count(found, 'attempt')} in playbook {name} and learn from it{there}; "
            "nothing was stored"
        )


def _file(r: PastFile) -> dict[str, JSON]:
    return {
        "file": str(r.source.path),
        "form": r.source.form,
        "won": r.won,
        "lost": r.lost,
        "unknown": r.unknown,
        "outcomes": list(r.names),
    }


def _as_json(came: ImportedAttempts) -> dict[str, JSON]:
    return {"new": came.new, "known": came.known, "files": [_file(r) for r in came.read]}


def _roles(result: LearnResult) -> dict[str, JSON]:
    return {
        name: {"model": r.model, "usage": r.usage.as_json(), "seconds": round(r.usage.seconds, 3)}
        for name, r in result.roles.items()
    }


def _print(r: LearnResult) -> None:
    screen = console()
    if not r.run and not r.notes:
        screen.print(f"Nothing new to learn from: every attempt in playbook {r.playbook} has been reflected on.")
        return
    changed = f"{count(r.accepted, 'change')} accepted" + (f", {r.refused:,} refused" if r.refused else "")
    waiting = f"; {count(r.waiting, 'delta')} waiting for review (ace review list {r.playbook})" if r.waiting else ""
    screen.print(f"{count(r.episodes, 'attempt')}, {count(r.reflections, 'reflection')}; {changed}{waiting}")
    screen.print(f"playbook {r.playbook} is at revision {r.revision}, with {count(r.bullets, 'bullet')}")
    for note in r.notes:
        tell(f"Warning: {note}")


def mount(app: typer.Typer) -> None:
    """Make it a command of `app`, `learn`."""
    app.command("learn", help=HELP["learn"])(learn)
