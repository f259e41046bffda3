"""A stored run read back: the settings and prompts it was begun with, and whether and how it can be resumed.

A run is resumed with what it was begun with. What was given for it in Python as an object is not in the
store, so such a run is resumed from Python.
"""

from __future__ import annotations

from dataclasses import replace

from ace.errors import BadInput, Conflict, NotFound, StoreDamaged
from ace.memory.database.prefixes import IdKind
from ace.memory.store import Store
from ace.memory.values import Run, RunStatus
from ace.roles.instructions import Prompts, checked
from ace.settings import RunSettings

SESSIONS = "sessions"
"""What a run is said to have been given that learned from attempts of a program's own agent."""
_BESIDES = ("start", "reads", "given", "tasks", "experiment", "arm")
"""What a run's configuration says besides its settings."""


def settings_of_run(run: Run) -> RunSettings:
    """The settings that a stored run was begun with. Raises `BadInput` where they are none."""
    try:
        return RunSettings.from_json({k: v for k, v in run.config.items() if k not in _BESIDES})
    except TypeError as error:
        raise BadInput(f"the settings of run {run.id} are not those of a run ({error}); it cannot be resumed") from None


def prompts_of(run: Run) -> Prompts:
    """The prompts that `run` was begun with, the stock ones of that time and the environment's instructions included. Raises
    `BadPrompts`."""
    stored = run.result.get("prompts")
    kept = stored if isinstance(stored, dict) else {"texts": run.config.get("prompts", {})}
    texts, instructions = kept.get("texts"), kept.get("instructions", "")
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in (*texts.values(), instructions)):
        raise StoreDamaged(f"the prompts of run {run.id} are not what was written")
    own = checked({role: (f"prompt of the {role} in run {run.id}", text) for role, text in texts.items()})
    return replace(own, instructions=instructions)


def unfinished(store: Store, id: str) -> Run:
    """The run `id`. Raises `Conflict` where it is done, and `NotFound`."""
    run = store.run(id)
    if run.status is RunStatus.DONE:
        raise Conflict(f"run {id} is done; there is nothing to resume")
    return run


def reads_alone(settings: RunSettings) -> bool:
    """Whether the playbook that `settings` name is read and never changed, so that it has to be there already."""
    return bool(settings.split or (settings.playbook and settings.strategy == "frozen"))


def changed_by(store: Store, playbook: str) -> list[Run]:
    """The runs of environments that changed the playbook of this name, oldest first."""
    made = {d.run for d in store.log(playbook) if d.revision is not None}
    own = [r for r in store.runs() if r.id in made and r.result.get("playbook") == playbook]
    return [r for r in own if SESSIONS not in r.config.get("given", ())]


def elsewhere(store: Store, settings: RunSettings) -> list[str]:
    """A line where the playbook that `settings` name was learned in other environments alone."""
    playbook = settings.playbook.partition("@")[0]
    learned_in = dict.fromkeys(str(r.config["environment"]) for r in changed_by(store, playbook))
    if not learned_in or settings.environment in learned_in:
        return []
    return [f"Warning: playbook {playbook} was learned in {', '.join(learned_in)}, and not in {settings.environment}"]


def resumable(store: Store, id: str) -> Run:
    """The run `id`, or the newest that is not done and can be done again from names. Raises `NotFound` and `Conflict`."""
    if id:
        run = unfinished(store, store.whole(IdKind.RUN, id))
        if elsewhere := go_on(run):
            given = ", ".join(run.config["given"])
            why = f"was started from Python with objects ({given}), so it cannot be resumed from the command line"
            raise Conflict(f"run {run.id} {why}; {elsewhere}")
        return run
    left = [r for r in reversed(store.runs()) if r.status is not RunStatus.DONE]
    open_runs, busy = [r for r in left if not r.config.get("given")], store.leases.at_work()
    # One that is at work now is named only where there is no other: going on with it is refused.
    open_runs.sort(key=lambda r: r.id in busy)
    if not open_runs:
        what = "every run in this store is finished" if store.runs() else "there are no runs in this store"
        raise NotFound(f"no run is left to resume: {f'those not done were begun in Python ({left[0].id})' if left else what}")
    return open_runs[0]


def go_on(run: Run) -> str:
    """How to go on in Python with a run that was started with objects; empty where `ace run resume` does it."""
    given = run.config.get("given")
    if not given:
        return ""
    if SESSIONS in given:
        return f"go on there with ace.open({run.config['playbook']!r}).learn(...)"
    return f"go on there with ace.Learner(...).resume({run.id!r})"
