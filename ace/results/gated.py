"""What the gates of a run concluded, counted from the judgements that are stored, and as one sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ace.memory.values import Run, RunStatus, StoredDelta
from ace.playbooks.operations import Judgement
from ace.types import JSON

_ALPHA = 0.05
_TRIAL, _FINAL = "trial", "final"
_SILENT = ("guards", "fit")
"""Gates that look at texts and stored attempts alone: their judgements stand in the log."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """What `gate` made of the deltas of a run: how many it was asked about (`proposals`), `kept`, `refused` and `held` for a
    person; the `pairs` of attempts that it had played, of which so many were won (`wins`) and lost (`losses`) by the change;
    the `calls` of models behind that; and its conclusion as a `sentence`. `end` are the figures of its judgement at the end of
    the run, `None` where it made none."""

    gate: str
    proposals: int = 0
    kept: int = 0
    refused: int = 0
    held: int = 0
    pairs: int = 0
    wins: int = 0
    losses: int = 0
    calls: int = 0
    sentence: str = ""
    end: Mapping[str, JSON] | None = field(default=None)

    def as_json(self) -> dict[str, JSON]:
        names = ("gate", "proposals", "kept", "refused", "held", "pairs", "wins", "losses", "calls", "sentence")
        return {**{n: getattr(self, n) for n in names}, "end": None if self.end is None else dict(self.end)}


def gates_of(run: Run, deltas: Sequence[StoredDelta]) -> tuple[GateResult, ...]:
    """What the gates of `run` that ask or play concluded, by its `deltas`."""
    return tuple(_counted(run, name, [j for d in deltas for j in d.judgements if j.gate == name]) for name in _named(run))


def _named(run: Run) -> Iterator[str]:
    given = run.config.get("gates") or ()
    yield from (str(name) for name in given if name not in _SILENT)


def _counted(run: Run, name: str, found: Sequence[Judgement]) -> GateResult:
    ended = run.result.get("gates", {}).get(name)
    # What a gate decided at the end stands with the delta that it led to as well.
    made = [j for j in found if ended is None or j.as_json() != ended]
    judged = [*made, *([Judgement.from_json(ended)] if ended else [])]
    tried = [j for j in judged if "pairs" in j.figures] if name == _TRIAL else judged
    answers = [j.answer for j in tried]
    held = sum(j.answer == "hold" for j in judged)
    counts: dict[str, Any] = {
        "proposals": len(tried) + (held if name == _TRIAL else 0),
        "kept": answers.count("pass"),
        "refused": answers.count("refuse") + answers.count("again"),
        "held": held,
        "pairs": sum(int(j.figures.get("pairs", 0)) for j in tried if name in (_TRIAL, _FINAL)),
        "wins": sum(_scored(j, "wins") for j in tried),
        "losses": sum(_scored(j, "losses") for j in tried),
        "calls": sum(j.usage.calls for j in judged),
    }
    end = None if ended is None else ended["figures"]
    result = GateResult(name, **counts, end=end)
    return replace(result, sentence=_sentence(run, result, ended))


def _scored(judgement: Judgement, what: str) -> int:
    """The pairs that a gate of ours saw won or lost: of `final`, by all revisions that met the start."""
    if judgement.gate == _FINAL:
        return sum(int(met[what]) for met in judgement.figures.get("against the start", {}).values())
    return int(judgement.figures.get(what, 0)) if judgement.gate == _TRIAL else 0


def _sentence(run: Run, r: GateResult, ended: Mapping[str, JSON] | None) -> str:
    if r.gate == _TRIAL:
        return _of_trial(run, r)
    if r.gate == _FINAL:
        return _of_final(run, ended)
    held = f", {r.held} wait for review" if r.held else ""
    return f"Gate {r.gate} passed {r.kept} of {_changes(r.proposals)} and refused {r.refused}{held}."


def _of_trial(run: Run, r: GateResult) -> str:
    if not r.proposals:
        return "Gate trial tried nothing, because no change of the playbook was proposed."
    chance = f"at most {100 * float(run.config.get('gate_alpha', _ALPHA)):g} % of what it keeps is expected to be chance"
    how = f"tried on {r.pairs:,} pairs of validation attempts, with a change and without it"
    every = int(run.config.get("gate_every", 1))
    what = (
        _changes(r.proposals)
        if every == 1
        else f"{r.proposals} group{'s' * (r.proposals != 1)} of up to {every} proposed changes"
    )
    told = f"Gate trial kept {r.kept} of {what}, {how} ({chance})"
    rest = [f"{r.refused} did not clearly help"] if r.refused else []
    rest += (
        [f"{r.held} could not be tried for lack of validation tasks and wait{'s' * (r.held == 1)} for review"] if r.held else []
    )
    return f"{told}; {' and '.join(rest)}." if rest else f"{told}."


def _of_final(run: Run, ended: Mapping[str, JSON] | None) -> str:
    if ended is None:
        done = run.status is RunStatus.DONE
        return (
            "Gate final had nothing to judge: the run changed nothing." if done else "Gate final judges when the run is done."
        )
    f = ended["figures"]
    start, head, kept = f["start"], f["head"], f["kept"]
    met = f["against the start"][str(head)]
    score = (
        f"won {met['wins']} and lost {met['losses']} of {met['pairs']:,} pairs of validation attempts against revision {start}"
    )
    if kept == head:
        return f"Gate final: what was learned stays, because revision {head} {score}, with which the run began."
    if kept == start:
        return (
            f"Gate final: what was learned is not shown to be better than what the run began with (revision {head} {score}), "
            f"so the playbook reads as at revision {start} again."
        )
    return (
        f"Gate final: the playbook reads as at revision {kept} again, the newest that is shown to be better than what the run "
        f"began with (revision {head} {score})."
    )


def _changes(n: int) -> str:
    return f"{n} proposed change{'' if n == 1 else 's'}"
