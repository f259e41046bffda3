"""`--dry-run` and `--show-prompt`: what a run would do and ask, with nothing sent and nothing stored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from rich.console import Console

    from ace.memory.store import Store
    from ace.runs.preparing import Prepared
    from ace.runs.preview import ShownRequest
    from ace.settings import RunSettings

ROLES = ("generator", "reflector", "curator")
ALL = "all"
OPTION = "--show-prompt"


UsageError: Any = typer.BadParameter.__base__
"""The parser's own complaints; typer names only the subclass."""


class NamelessCommand(TyperCommand):
    """What a noun does where no command of it is named, such as `ace run`: the parser ends its path with a blank."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        formatter.write_usage(" ".join(ctx.command_path.split()), " ".join(self.collect_usage_pieces(ctx)))


class PreviewCommand(NamelessCommand):
    """A command whose `--show-prompt` may be followed by a role, or by nothing."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        try:
            return super().parse_args(ctx, with_role(args))
        except UsageError as mistake:
            if OPTION in args and "extra argument" in mistake.message:
                mistake.message += f"; after {OPTION} may stand {', '.join(ROLES)} or {ALL}"
            raise


def with_role(args: Sequence[str]) -> list[str]:
    """`args` with a role for every `--show-prompt`: the one that follows, else the generator. What is nearly a role's name is
    taken as one, so that it is refused as that."""
    made: list[str] = []
    left = list(args)
    while left:
        word = left.pop(0)
        if word == "--":
            return [*made, word, *left]
        if word == OPTION:
            import difflib

            near = bool(left) and bool(difflib.get_close_matches(left[0], (*ROLES, ALL), n=1, cutoff=0.7))
            word = f"{OPTION}={left.pop(0) if near else ROLES[0]}"
        made.append(word)
    return made


def preview(settings: RunSettings, role: str, *, plan: bool, as_json: bool) -> None:
    """Print what the run would do, if `plan`, and the first request of `role` (the generator's where none is named)."""
    import asyncio

    from ace.commands.terminal.patience import opening
    from ace.errors import UnknownName
    from ace.memory.database.sqlite import store_location
    from ace.runs.preparing import prepare
    from ace.runs.preview import Preview
    from ace.runs.stored import reads_alone

    if role and role not in (*ROLES, ALL):
        raise UnknownName("role", role, (*ROLES, ALL))
    with opening(settings.environment, settings.episodes, settings.eval):
        prepared, location = prepare(settings, sending=False), store_location(settings.store)
    with _store(location, needed=reads_alone(settings)) as store:
        found = asyncio.run(Preview(prepared, store).requests(ROLES if role == ALL else (role or ROLES[0],)))
        told = plan_of(prepared, location, store) if plan else {}
    if as_json:
        from ace.commands.terminal.common import print_json

        print_json({**({"plan": told} if plan else {}), "requests": [_row(s) for s in found]})
        return
    from ace.commands.terminal.outside import tell

    for text in (*prepared.warnings, *_too_long(settings, found)):
        tell(text)
    _print(found, told)


def _too_long(settings: RunSettings, found: Sequence[ShownRequest]) -> Iterator[str]:
    """A line for each request that does not fit the context that is stated for its role."""
    from ace.errors import as_given
    from ace.models.errors.too_long import room_for

    for s in found:
        most, needed = settings.context.get(s.role, 0), room_for(s.request) if s.request else 0
        if 0 < most < needed:
            what = f"the first request to the {s.role} needs about {needed:,} tokens, and {as_given('context')} states {most:,}"
            yield f"Warning: {what}: it would not be sent"


@contextmanager
def _store(location: str, *, needed: bool) -> Iterator[Store]:
    """The store at `location`, to be read and left as it is; an empty one in memory where there is none."""
    from ace.memory.database.sqlite import check_place, place
    from ace.memory.store import Store

    where = place(location)
    there = needed or (where.path is not None and where.path.is_file() and where.path.stat().st_size > 0)
    if not there:
        # What a run would be refused for.
        check_place(where, create=True, reading=False)
    with Store.open(location, create=False, read_only=True) if there else Store.open(":memory:") as store:
        yield store


def plan_of(prepared: Prepared, location: str, store: Store) -> dict[str, Any]:
    """What the run would do: cases, requests, tokens and cost as estimated, where it would store what."""
    from ace.commands.run.running import expectation_of
    from ace.runs.gates.registry import with_checks
    from ace.strategies.registry import checks_of

    s, tasks = prepared.settings, prepared.tasks
    name = s.playbook.partition("@")[0]
    book = next((b for b in store.playbooks() if b.name == name), None)
    start = store.resolve(s.playbook).number if book else 0
    e = expectation_of(prepared, start)
    return {
        "environment": s.environment,
        "strategy": s.strategy,
        "review": s.review,
        "gates": [] if s.split else [g.name for g in with_checks(prepared.gates, checks_of(prepared.strategy, s.strategy))],
        "gate": _gate(prepared),
        "models": {role: m.name for role, m in prepared.models.items()},
        "prompts": {role: "own" if role in s.prompts else "stock" for role in ROLES},
        "playbook": f"{name}@{start}" if book else name,
        "playbook_exists": book is not None,
        "store": location,
        "train": len(tasks.train),
        "epochs": 0 if s.split else s.epochs,
        "held_out": 0 if s.learn_only else len(tasks.held_out),
        **({"attempts": s.attempts} if s.attempts > 1 else {}),
        "retries": s.retries,
        "calls": e.calls,
        "prompt_tokens": e.prompt_tokens,
        "completion_tokens": e.completion_tokens,
        "cost_usd": None if e.usd is None else round(e.usd, 6),
        "limits": s.budget.as_json(),
    }


def _gate(prepared: Prepared) -> dict[str, Any] | None:
    """What is stated for the gates that play; `None` where there are none."""
    from ace.runs.gates.contract import draws
    from ace.runs.gates.pool import pool_size

    s = prepared.settings
    if s.split or not any(draws(g.gate) for g in prepared.gates):
        return None
    tasks = pool_size(prepared.environment)
    return {"alpha": s.gate_alpha, "pairs": s.gate_pairs, "every": s.gate_every, "eps": s.gate_eps, "tasks": tasks}


def _row(s: ShownRequest) -> dict[str, Any]:
    return {"role": s.role, "case": s.case, "about": s.about, "model": s.model.name, "address": s.address, "body": s.body}


def _print(found: Sequence[ShownRequest], plan: dict[str, Any]) -> None:
    from ace.commands.terminal.common import console

    screen = console()
    if plan:
        _print_plan(screen, plan)
    for s in found:
        _print_request(screen, s)
    screen.print("Nothing was sent, and nothing was stored.", style="bold")


def _print_plan(screen: Console, p: dict[str, Any]) -> None:
    from ace.commands.run.running import uncounted
    from ace.commands.terminal.common import about, count
    from ace.commands.terminal.prose import say

    learning = f"{count(p['train'], 'training case')}" + (f", {p['epochs']} times" if p["epochs"] > 1 else "")
    measured = f"{count(p['held_out'], 'held-out case')}" + (f", {p['attempts']} attempts at each" if "attempts" in p else "")
    dollars = "the price is not known" if p["cost_usd"] is None else f"${p['cost_usd']:.2f} if nothing is cached"
    tokens = f"{about(p['prompt_tokens'])} prompt and {about(p['completion_tokens'])} completion tokens"
    more = uncounted(p["gates"])
    book = p["playbook"] or "a new one"
    rows = {
        "environment": p["environment"],
        "strategy": p["strategy"],
        "gates": (", ".join(p["gates"]) or "none") + ("; what they pass waits for review" if p["review"] else ""),
        **({"gates play": _gates_play(p["gate"], p["gates"])} if p["gate"] else {}),
        "models": ", ".join(f"{role} {name}" for role, name in p["models"].items()),
        "prompts": ", ".join(f"{role} {what}" for role, what in p["prompts"].items()),
        "playbook": book if p["playbook_exists"] or not p["playbook"] else f"{book}, which would be made",
        "store": p["store"],
        "learns from": learning if p["train"] else "nothing",
        "measures on": measured if p["held_out"] else "nothing",
        "expected": f"up to about {about(p['calls'])} calls, {tokens}; {dollars}{more}",
        "limits": ", ".join(f"{name} {value:g}" for name, value in p["limits"].items()) or "none",
    }
    screen.print("What this would do", style="bold")
    for name, text in rows.items():
        say(screen, text, 2, first=f"{name:<12} ")
    screen.print()


def _gates_play(g: dict[str, Any], gates: Sequence[str]) -> str:
    """What the gates that play need, and what happens when their tasks have run out."""
    pool = "validation tasks without end" if g["tasks"] is None else f"a pool of {g['tasks']:,} validation tasks"
    every = f", {g['every']} deltas together" if g["every"] > 1 and "trial" in gates else ""
    most = f"at most {g['pairs']:,} pairs of attempts a judgement{every}, from {pool}, at alpha {g['alpha']:g}"
    held = ", and a delta that too few are left for is held for review" if "trial" in gates else ""
    return f"{most}; each task serves one judgement{held}"


def _print_request(screen: Console, s: ShownRequest) -> None:
    if s.request is None:
        screen.print(f"{s.role}: no request: {s.about}\n", style="bold")
        return
    screen.print(f"{s.role}: the first request", style="bold")
    screen.print(f"  {s.case}")
    screen.print(f"  {s.about}")
    screen.print(f"  to {s.model.name}" + (f" at {s.address}" if s.address else ""))
    body = dict(s.body)
    for message in body.pop("messages"):
        screen.print(f"\n--- {message['role']}", style="bold cyan")
        content = message["content"]
        screen.print(content if isinstance(content, str) else "\n".join(str(part.get("text", "")) for part in content))
    screen.print("\n--- what goes with the messages", style="bold cyan")
    screen.print(json.dumps(body, ensure_ascii=False, indent=2) + "\n")
