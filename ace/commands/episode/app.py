"""`ace episode`: the attempts themselves, verbatim."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ace.commands.episode import HELP
from ace.commands.episode.purge import purge
from ace.commands.terminal.common import JsonOption, LimitOption, OutOption, StoreOption, count, opened, paged, print_json
from ace.commands.terminal.prose import line
from ace.commands.terminal.tables import Column, print_table
from ace.errors import NotFound, UnknownName
from ace.origins import CHANNELS, ENVIRONMENT, origin_fault
from ace.types import UNVERIFIED, Episode, Reflection, Task, Trust, Verdict

if TYPE_CHECKING:
    from rich.text import Text

    from ace.memory.store import Store

app = typer.Typer(rich_markup_mode=None, help=HELP["episode"], no_args_is_help=True)

_COLUMNS = (*map(Column, ("episode", "phase", "verdict")), Column("steps", right=True), Column("task"), Column("last action"))
_PHASES = ("before", "start", "learn", "after", "eval", "gate", "rollout", "tune", "waiting")
_MARKS = {"success": "green", "failure": "red", "invalid": "yellow"}


@app.command("list")
def list_episodes(
    *,
    run: Annotated[str, typer.Option(help="Only of this run.")] = "",
    playbook: Annotated[str, typer.Option(help="Only those learned into this playbook.")] = "",
    phase: Annotated[str, typer.Option(help="before, start, learn, after, eval, gate or waiting.")] = "",
    verdict: Annotated[str, typer.Option(help="success, failure or invalid.")] = "",
    kind: Annotated[str, typer.Option(help="Only of tasks of this kind.")] = "",
    origin: Annotated[str, typer.Option(help="Only of tasks from this sender; environment: from the environment.")] = "",
    store: StoreOption = "",
    limit: LimitOption = 50,
    json: JsonOption = False,
) -> None:
    """Episodes, newest first."""
    with opened(store) as db:
        found = db.episodes(
            **_filters(db, run, playbook=playbook, phase=phase, verdict=verdict, kind=kind, origin=origin), limit=limit
        )
    if json:
        print_json([_row(e) for e in found])
        return
    with paged() as screen:
        if found:
            kinds, origins = any(e.task.kind for e in found), any(e.origin for e in found)
            more = [Column(name) for name, has in (("kind", kinds), ("origin", origins)) if has]
            print_table(screen, (*_COLUMNS[:-1], *more, _COLUMNS[-1]), [_cells(e, kinds, origins) for e in found])
        else:
            screen.print("No such episodes.")


def _cells(e: Episode, kinds: bool, origins: bool) -> list[str | Text]:
    from rich.text import Text

    mark = Text(e.outcome.verdict.value, style=_MARKS[e.outcome.verdict.value])
    last = e.steps[-1].action if e.steps else e.outcome.reason
    more = [line(text, 30) for text, has in ((e.task.kind, kinds), (e.origin, origins)) if has]
    return [e.id, e.phase, mark, str(len(e.steps)), task_name(e.task), *more, line(last, 60)]


def task_name(task: Task, most: int = 40) -> str:
    """The task's id; its text, cut after about `most` characters, where the id was made from it by us."""
    return line(task.text, most) or task.id if re.fullmatch("t-[0-9a-f]{10}", task.id) else task.id


def _row(e: Episode) -> dict[str, Any]:
    return {
        "episode": e.id,
        "task": e.task.id,
        "text": e.task.text,
        "kind": e.task.kind,
        "origin": e.origin,
        "trust": e.trust.value,
        "phase": e.phase,
        "epoch": e.epoch,
        "attempt": e.attempt,
        "verdict": e.outcome.verdict.value,
        "reason": e.outcome.reason,
        "feedback": e.outcome.feedback,
        "steps": len(e.steps),
        "last_action": e.steps[-1].action if e.steps else "",
        "cited": list(e.cited),
        "usage": e.usage.as_json(),
        "seconds": round(e.seconds, 4),
    }


@app.command("export")
def export(
    *,
    run: Annotated[str, typer.Option(help="Only of this run.")] = "",
    playbook: Annotated[str, typer.Option(help="Only those learned into this playbook.")] = "",
    phase: Annotated[str, typer.Option(help="before, start, learn, after, eval, gate or waiting.")] = "",
    verdict: Annotated[str, typer.Option(help="success, failure or invalid.")] = "",
    kind: Annotated[str, typer.Option(help="Only of tasks of this kind.")] = "",
    origin: Annotated[str, typer.Option(help="Only of tasks from this sender; environment: from the environment.")] = "",
    format: Annotated[str, typer.Option("--format", "-f", help="jsonl (whole episodes) or csv (a flat row each).")] = "jsonl",
    out: OutOption = "",
    store: StoreOption = "",
) -> None:
    """All episodes as JSON Lines or CSV, newest first."""
    from ace.commands.terminal.export_rows import EPISODE, checked_format, episode_row, export_rows

    checked_format(format)
    with opened(store) as db:
        found = db.every_episode(**_filters(db, run, playbook=playbook, phase=phase, verdict=verdict, kind=kind, origin=origin))
        rows = (episode_row(e) if format == "csv" else _whole(e, db.reflections(e.id)) for e in found)
        export_rows(rows, EPISODE, format, out)


def _filters(db: Store, run: str, **given: str) -> dict[str, Any]:
    """What to ask the store for. Raises `UnknownName` for a phase or a verdict that is none, `NotFound` for a run or an origin
    that there is not."""
    from ace.memory.database.prefixes import IdKind

    for name, valid in (("verdict", [v.value for v in Verdict]), ("phase", _PHASES)):
        if given[name] and given[name] not in valid:
            raise UnknownName(name, given[name], valid)
    whole = db.run(db.whole(IdKind.RUN, run)).id if run else None
    found = {"run": whole, **{name: value or None for name, value in given.items()}}
    if given["origin"] == ENVIRONMENT:
        return {**found, "origin": ""}
    if (channel := given["origin"].partition(":")[0]) in CHANNELS:
        why = f"{channel} is a channel of edits and imports, which no episode comes by"
        raise NotFound(f"no episode has the origin {given['origin']!r}: {why}; ace playbook trust NAME shows what rests on it")
    if (origin := given["origin"]) and not origin_fault(origin):  # the store says what is wrong with one that none can have
        db.upkeep.require_origin(origin)
    return found


@app.command("show")
def show(
    episode: Annotated[str, typer.Argument(metavar="EPISODE", help="The episode's id.")],
    prompts: Annotated[bool, typer.Option("--prompts", help="Also show the requests and the replies.")] = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """One episode from the first observation to the reflection."""
    from ace.memory.database.prefixes import IdKind

    if prompts:
        from ace.commands.episode.prompts import show_prompts

        show_prompts(episode, store, json)
        return
    with opened(store) as db:
        id = db.whole(IdKind.EPISODE, episode)
        e, reflections = db.episode(id), db.reflections(id)
    if json:
        print_json(_whole(e, reflections))
        return
    lines = _page(e, reflections)
    with paged() as screen:
        for text, style in lines:
            screen.print(text, style=style)


def _whole(e: Episode, reflections: list[Reflection]) -> dict[str, Any]:
    steps = [
        {
            "action": s.action,
            "thought": s.thought,
            "cited": list(s.cited),
            "observation": s.observation.text if s.observation else None,
            "scores": [{"option": x.option, "logprob": x.logprob, "tokens": x.tokens, "empty": x.empty} for x in s.scores],
        }
        for s in e.steps
    ]
    shown = [
        {
            "bullet": x.bullet,
            "version": x.version,
            "position": x.position,
            "shown": x.shown,
            "probability": x.probability,
            "policy": x.policy,
            "cited": x.cited,
        }
        for x in e.render.exposures
    ]
    told = [
        {
            "situation": r.situation,
            "choice": r.choice,
            "diagnosis": r.diagnosis,
            "lesson": r.lesson,
            "votes": {b: v.value for b, v in r.votes},
        }
        for r in reflections
    ]
    first = {"text": e.first.text, "actions": list(e.first.actions), "answers": list(e.first.answers)}
    return {**_row(e), "seed": e.seed, "first": first, "trace": steps, "shown": shown, "reflections": told}


def _origin(e: Episode) -> list[tuple[str, str]]:
    """Who wrote the task, where it was not the environment itself."""
    if not e.origin and e.trust is Trust.TRUSTED:
        return []
    who = "a sender that was not authenticated" if e.origin == UNVERIFIED else e.origin or "the environment"
    return [(f"from {who}, {e.trust.value}", "yellow" if e.trust is Trust.UNTRUSTED else "dim")]


def _exposed(e: Episode) -> str:
    """How many bullets were shown, and why others were not."""
    from ace.strategies.shown import MASKED

    shown = [x for x in e.render.exposures if x.shown]
    hidden = [x.policy == MASKED for x in e.render.exposures if not x.shown]
    told = [f"{hidden.count(True)} masked"] if any(hidden) else []
    told += [f"{hidden.count(False)} left out by chance"] if not all(hidden) else []
    return ", ".join([f"{count(len(shown), 'bullet')} shown", *told])


def _page(e: Episode, reflections: list[Reflection]) -> list[tuple[str, str]]:
    from ace.results import scored

    verdict = e.outcome.verdict.value
    kind = f" of kind {e.task.kind}" if e.task.kind else ""
    lines = [
        (f"episode {e.id}: {verdict}" + (f", {e.outcome.reason}" if e.outcome.reason else ""), f"bold {_MARKS[verdict]}"),
        (
            f"task {task_name(e.task)}{kind}, {e.phase}, epoch {e.epoch}, attempt {e.attempt}, {_exposed(e)}",
            "dim",
        ),
        *_origin(e),
        ("", ""),
        (e.first.text, ""),
    ]
    for s in e.steps:
        cited = f"   following {', '.join(s.cited)}" if s.cited else ""
        lines.append((f"\n> {s.action}{cited}", "bold cyan"))
        if s.thought:
            lines.append((f"  ({s.thought})", "dim"))
        if s.scores:
            lines.append((f"  (by likelihood: {scored.told(s.scores)})", "dim"))
        if s.observation:
            lines.append((s.observation.text, ""))
    if e.outcome.feedback:
        lines.append((f"\nThe environment said: {e.outcome.feedback}", ""))
    for r in reflections:
        rows = [("situation", r.situation), ("done", r.choice), ("diagnosis", r.diagnosis), ("lesson", r.lesson)]
        lines.append(("\nReflection", "bold"))
        lines += [(f"  {name}: {text}", "") for name, text in rows if text]
        lines += [(f"  vote on {bullet}: {vote.value}", "dim") for bullet, vote in r.votes]
    return lines


app.command("purge")(purge)
