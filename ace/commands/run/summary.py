"""What a run gave, as a page a person can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import quote
from typing import TYPE_CHECKING, Any

from rich.text import Text

from ace.commands.run.spending import print_roles
from ace.commands.terminal.chart import chart
from ace.commands.terminal.common import console, count, money, share, where
from ace.commands.terminal.prose import line, other_texts, say
from ace.commands.terminal.tables import Column, print_table
from ace.memory.database.sqlite import in_memory
from ace.memory.values import Followed
from ace.playbooks.triggers.grammar import read_trigger
from ace.results.cautions import WON_BY_NOTHING, won_already
from ace.results.measured import measured

if TYPE_CHECKING:
    from rich.console import Console

INVALID_WARNING = 0.05
_ROWS = {
    "before": "empty playbook",
    "start": "the playbook as it was found",
    "after": "",
    "oracle": "knows the answers",
    "random": "random choice",
    "nothing": "do-nothing baseline",
}
NOTHING_KEPT = (
    "Nothing is kept: the store {} is in memory and ends with this command. To keep the run, name a file: --store ace.db"
)
PASS_AT = "{attempts} independent attempts at each case; success is that of the first, pass@k the chance that one of k is won."
_SCORES = (Column(), Column("success", right=True), Column("95 % interval"), Column("cases", right=True), Column())
_WEIGHTS = (Column("won", right=True, style="green"), Column("lost", right=True, style="red"), Column("bullet"))


def print_summary(r: Mapping[str, Any], location: str) -> None:
    """The page: success before and after, oracle and floors, the curve, the bullets, the cost, where it is, what to do next."""
    screen = console()
    screen.print()
    if r["before"]["n"] or r["after"]["n"]:
        _scores(screen, r)
    # Below half of an eighth of a line nothing is drawn, and an empty frame says nothing.
    if len(r["curve"]) > 1 and max(r["curve"]) * 48 > 0.5:
        screen.print()
        label = f"success of first attempts in {len(r['curve'])} batches of training cases"
        for drawn in chart(r["curve"], label, width=min(60, screen.size.width - 10)):
            screen.print(drawn, style="cyan")
    for alarm in r["alarms"]:
        say(screen, alarm, style="bold yellow")
    for gate in r["gates"]:
        screen.print()
        say(screen, gate["sentence"], style="bold")
    if r["heaviest"]:
        rows = [_weight(b) for b in sorted(r["heaviest"], key=_only_looks)]
        screen.print()
        print_table(screen, _WEIGHTS, rows, title="The bullets that carry most weight")
    _cost(screen, r)
    _next(screen, r, location)


def _only_looks(b: Mapping[str, Any]) -> bool:
    """Whether a bullet chooses nothing by itself: those that say what to look up are followed in every case, and stand last."""
    return read_trigger(b["text"]) is None


def _weight(b: Mapping[str, Any]) -> tuple[str, str, str]:
    """A bullet with what came of the text it has; that of other texts stands behind."""
    won, lost = b["this_text"]["won"], b["this_text"]["lost"]
    return str(won), str(lost), line(b["text"]) + other_texts(Followed(won, lost, b["won"] - won, b["lost"] - lost))


def _scores(screen: Console, r: Mapping[str, Any]) -> None:
    rows = []
    for name, note in _ROWS.items():
        # A run of an experiment is measured after it learned alone.
        if r.get(name) and not (name == "before" and r["after"]["n"] and not r["before"]["n"] + r["before"]["invalid"]):
            told = _within(r[name], note or _book(r))
            cells = (name, share(r[name]["success"]), interval_text(r[name]["interval"]), f"{r[name]['n']:,}", told)
            rows.append([Text(c, style="bold green" if name == "after" else "") for c in cells])
    print_table(screen, _SCORES, rows, title="Success on held-out cases")
    if r["gain"]:
        low, high = (100 * b for b in r["gain"]["interval"])
        difference = f"{100 * r['gain']['difference']:+.1f} points"
        screen.print(f"change (after - before): {difference} ({low:+.1f} to {high:+.1f}, 95 %, paired)")
    for told in _nothing_to_learn(r):
        screen.print(told, style="bold yellow")
    if r["attempted"] and r["invalid"] / r["attempted"] > INVALID_WARNING:
        warning = f"Warning: {r['invalid']} of {r['attempted']} attempts were invalid and count for nothing."
        screen.print(warning, style="bold yellow")


def _nothing_to_learn(r: Mapping[str, Any]) -> list[str]:
    nothing, before = r["nothing"] or {"success": None, "n": 0}, r["before"]
    lines = won_already(nothing["success"], nothing["n"], "doing nothing", WON_BY_NOTHING)
    return lines or won_already(before["success"], before["n"], "the agent with an empty playbook")


def _within(score: Mapping[str, Any], note: str) -> str:
    """The `note` of a row, with how many attempts its cases got where that is not one."""
    return f"{note}; within {score['attempts']} attempts" if score.get("attempts", 1) > 1 else note


def _book(r: Mapping[str, Any]) -> str:
    return f"{r['playbook']}@{r['revision']}, {count(r['bullets'], 'bullet')}"


def interval_text(interval: Sequence[float] | None) -> str:
    return "" if interval is None else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f} %"


def _spent(r: Mapping[str, Any]) -> str:
    u = r["usage"]
    tokens = (
        f"{u['prompt_tokens']:,} prompt tokens ({u['cached_tokens']:,} cached), {u['completion_tokens']:,} completion tokens"
    )
    if u["estimated_tokens"]:
        tokens += f" ({u['estimated_tokens']:,} of them estimated: the server does not count them)"
    return f"{count(u['calls'], 'model call')}, {tokens}, {money(u['cost_usd'])}, {r['seconds']:.1f} s."


def _cost(screen: Console, r: Mapping[str, Any]) -> None:
    edits = f"{count(r['accepted'], 'edit')} accepted, {r['refused']} refused"
    screen.print()
    tried = f"{count(r['cases'], 'training case')}, {count(r['episodes'], 'attempt')}"
    screen.print(f"{tried}, {count(r['reflections'], 'reflection')}, {edits}.")
    if r["within"]["attempts"] > 1:
        within = f"within {r['within']['attempts']} attempts {share(r['within']['success'])}"
        screen.print(f"Success on training cases: first attempts {share(r['first']['success'])}, {within}.")
    if r["waiting"]:
        waits = "1 change of this run waits" if r["waiting"] == 1 else f"{r['waiting']:,} changes of this run wait"
        say(screen, f"{waits} for review and {'is' if r['waiting'] == 1 else 'are'} not in the playbook.", style="bold yellow")
    screen.print(_spent(r))
    print_roles(screen, r["roles"])


def _next(screen: Console, r: Mapping[str, Any], location: str) -> None:
    if in_memory(location):
        say(screen, NOTHING_KEPT.format(location), style="bold yellow")
        return
    at = where(location)
    screen.print(f"Everything is in {location} as run {r['run']}.")
    screen.print("\nNext:", style="bold")
    name = r["playbook"]
    if r["waiting"]:
        say(screen, f"ace review list {quote(name)}{at}", 2)
    say(screen, f"ace playbook show {quote(name)}{at}", 2)
    say(screen, f"ace playbook diff {quote(f'{name}@0')} {quote(name)}{at}", 2)
    say(screen, f"ace episode list --run {r['run']}{at}", 2)


def print_evaluation(r: Mapping[str, Any]) -> None:
    """The result of an evaluation, in a few lines."""
    screen = console()
    s = r["success"]
    book = measured(r["playbook"], r["revision"])
    title = f"{book} on {r['environment']} ({r['split']}), {count(s['n'], 'case')}, {s['invalid']} invalid"
    named = f"success within {s['attempts']} attempts" if s["attempts"] > 1 else "success"
    passed = [(f"pass@{p['k']}", {**p, "n": p["tasks"]}) for p in r.get("pass_at", ())]
    rows = [(named, s), *passed, *((name, r[name]) for name in ("oracle", "random", "nothing") if r[name])]
    print_table(
        screen,
        _SCORES[:4],
        [(n, share(f["success"]), interval_text(f["interval"]), f"{f['n']:,}") for n, f in rows],
        title=title,
    )
    if passed:
        say(screen, PASS_AT.format(attempts=r["attempts"]))
    screen.print(_spent(r))
    print_roles(screen, r["roles"])
