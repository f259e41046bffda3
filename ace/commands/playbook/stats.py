"""Printing how large a playbook is, how it grew, and how its bullets do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ace.commands.playbook.listing import title
from ace.commands.terminal.chart import columns
from ace.commands.terminal.common import count, opened, paged, print_json, share
from ace.commands.terminal.prose import facts
from ace.commands.terminal.tables import Column, print_table
from ace.memory.values import Revision
from ace.playbooks.bullet import State

if TYPE_CHECKING:
    from ace.memory.store import Store

_STATS = (Column(style="dim"), Column())
_WIDEST = 40
"""Columns of the line that shows how a playbook grew."""
_EIGHTHS = "▁▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Stats:
    """Sizes of a playbook at a revision, how it came to them, and how its bullets do."""

    revision: Revision
    bullets: int
    retired: int
    sections: int
    tokens: int
    operations: dict[str, int]
    deltas: int
    refused: int
    episodes: int
    won: int
    lost: int
    other_won: int
    other_lost: int
    unfollowed: int
    growth: Sequence[int]


def show_stats(ref: str, store: str, as_json: bool) -> None:
    """Sizes, growth and records of a playbook."""
    with opened(store) as db:
        s = _stats(db, ref)
    if as_json:
        print_json(_json(s))
        return
    with paged() as screen:
        facts(screen, title(s.revision))
        print_table(screen, _STATS, _rows(s), indent=2)


def _stats(db: Store, ref: str) -> Stats:
    view = db.view(ref)
    name, number = view.revision.playbook, view.revision.number
    bullets = view.bullets(include_retired=True)
    live = [b for b in bullets if b.state is not State.RETIRED]
    followed = view.followed(live).values()
    deltas = [d for d in db.log(name) if d.revision is None or d.revision.number <= number]
    operations = Counter(o.op.value for d in deltas for o in d.operations if d.revision)
    return Stats(
        revision=view.revision,
        bullets=len(live),
        retired=len(bullets) - len(live),
        sections=len({b.section for b in live}),
        tokens=view.tokens,
        operations=dict(sorted(operations.items())),
        deltas=len(deltas),
        refused=sum(len(d.refusals) for d in deltas),
        episodes=db.count_episodes(playbook=name, phase="learn"),
        won=sum(f.won + f.other_won for f in followed),
        lost=sum(f.lost + f.other_lost for f in followed),
        other_won=sum(f.other_won for f in followed),
        other_lost=sum(f.other_lost for f in followed),
        unfollowed=sum(f.n == 0 for f in followed),
        growth=[r.bullets for r in db.revisions(name)[: number + 1]],
    )


def _json(s: Stats) -> dict[str, Any]:
    return {
        "playbook": s.revision.playbook,
        "revision": s.revision.number,
        "bullets": s.bullets,
        "retired": s.retired,
        "sections": s.sections,
        "tokens": s.tokens,
        "deltas": s.deltas,
        "operations": s.operations,
        "refused": s.refused,
        "learning_episodes": s.episodes,
        "followed": {"won": s.won, "lost": s.lost},
        "followed_with_these_texts": {"won": s.won - s.other_won, "lost": s.lost - s.other_lost},
        "never_followed": s.unfollowed,
        "growth": list(s.growth),
    }


def _rows(s: Stats) -> list[tuple[str, str]]:
    followed = s.won + s.lost
    rate = f", {share(s.won / followed)}" if followed else ""
    others = f"; of these with other texts: won {s.other_won:,}, lost {s.other_lost:,}" if s.other_won + s.other_lost else ""
    edits = ", ".join(f"{n:,} {op}" for op, n in s.operations.items()) or "none"
    return [
        ("size", f"{count(s.bullets, 'bullet')} in {count(s.sections, 'section')}, about {s.tokens:,} tokens"),
        ("retired", f"{s.retired:,}"),
        ("growth", f"{s.growth[0]} {_curve(s.growth)} {s.growth[-1]:,} bullets"),
        ("deltas", f"{s.deltas:,}"),
        ("operations", f"{edits}; {s.refused:,} refused"),
        ("learned from", f"{count(s.episodes, 'training episode')} so far"),
        ("followed", f"{count(followed, 'time')}: won {s.won:,}, lost {s.lost:,}{rate}{others}"),
        ("never followed", count(s.unfollowed, "bullet")),
    ]


def _curve(values: Sequence[int]) -> str:
    top = max([*values, 1])
    return "".join(_EIGHTHS[round(8 * v / top)] for v in columns([float(v) for v in values], _WIDEST))
