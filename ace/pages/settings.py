"""What a run was asked for, and what it cost, as tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ace.memory.values import RoleUsage, Run
from ace.pages.html import Html, el
from ace.pages.tables import Head, table
from ace.pages.words import count, cut, moment, money, seconds
from ace.types import JSON

_MOST = 400
"""Characters of a setting."""
_COSTS = (
    Head("role"), Head("model"), Head("calls", True), Head("prompt tokens", True), Head("cached", True),
    Head("completion tokens", True), Head("cost, USD", True), Head("waited", True),
)  # fmt: skip


def settings(run: Run) -> Html:
    """The settings of a run; those left as they are by default with the run itself are not shown, the seed always is."""
    prompts, limits = run.config.get("prompts"), run.result.get("limits")
    own = [("own prompts", ", ".join(prompts))] if isinstance(prompts, Mapping) and prompts else []
    held = [("limits", ", ".join(f"{name} {_words(v)}" for name, v in limits.items()))] if isinstance(limits, Mapping) else []
    times = [("run", run.id), ("began", moment(run.started)), ("ended", moment(run.ended)), ("status", run.status.value)]
    return listed("Settings of the run", [*times, *given(run.config), *own, *held])


def listed(caption: str, rows: Iterable[tuple[str, str]]) -> Html:
    """Settings with their values."""
    cells = [(name, el("span", cut(value, _MOST), dir="auto")) for name, value in rows]
    return el("div", table(caption, (Head("setting"), Head("value")), cells), class_="settings")


def given(config: Mapping[str, JSON]) -> list[tuple[str, str]]:
    """The settings of a configuration that say something, in words; the seed always is among them."""
    return [(name.replace("_", " "), _words(value)) for name, value in config.items() if _is_shown(name, value)]


def _is_shown(name: str, value: JSON) -> bool:
    return name != "prompts" and (bool(value) or name == "seed")


def _words(value: JSON) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else f"{value:,}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def costs(roles: Mapping[str, RoleUsage]) -> Html:
    """What each role cost."""
    rows = [_cost(role, r) for role, r in roles.items()]
    estimated = any(r.usage.estimated for r in roles.values())
    unended = sum(r.unended for r in roles.values())
    notes = ["Waited is time in requests, summed over those at the same time."]
    notes += ["~: partly or wholly estimated, because the server does not count tokens."] if estimated else []
    notes += [f"{count(unended, 'call')} without a recorded end: the cost is unknown."] if unended else []
    return el("div", table("Model calls by role", _COSTS, rows), *(el("p", note, class_="about") for note in notes))


def _cost(role: str, r: RoleUsage) -> tuple[str | Html, ...]:
    u, mark = r.usage, "~" if r.usage.estimated else ""
    tokens = (f"{mark}{n:,}" for n in (u.prompt_tokens, u.cached_tokens, u.completion_tokens))
    return role, r.model, f"{u.calls:,}", *tokens, money(u.cost_usd), seconds(u.seconds)
