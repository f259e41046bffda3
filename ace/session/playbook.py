"""A playbook as a program holds it: read it, report what came of attempts, learn.

It holds no state but its open store. Any number of threads, tasks and processes may have the same playbook open; each attempt
is shown the revision that is the head when it begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from ace import loops
from ace.bounds import bounded, kind_fault
from ace.errors import BadSetting
from ace.events import Event, Listener, Warned
from ace.evidence.effects import PlaybookEffects
from ace.evidence.fit import Fit
from ace.evidence.standing import Standing
from ace.memory.database.refs import check_name
from ace.memory.database.sqlite import store_location
from ace.memory.store import Store
from ace.memory.values import Hit
from ace.origins import origin_fault
from ace.playbooks.bullet import Bullet
from ace.playbooks.sensitive.detectors import Detector
from ace.playbooks.typed import require_text
from ace.results.cautions import nothing_drawn
from ace.session.editing import Editing
from ace.session.episode import NOT_DRAWN, Drawing, EpisodePlace, OpenEpisode
from ace.session.learning import Learning, LearnResult
from ace.session.options import LearnOptions
from ace.session.outcomes import OutcomeReport, outcome
from ace.session.past import ImportedAttempts, import_attempts, past_files
from ace.session.required import (
    require_flag,
    require_function,
    require_listener,
    require_paths,
    require_place,
    require_texts,
    require_whole,
)
from ace.session.reviewing import Reviewing
from ace.session.waiting import report
from ace.settings import require_holdout
from ace.types import UNVERIFIED, Episode, Task, Trust, digest

TOKENS = 1800
"""Tokens of a prompt that a playbook takes unless told otherwise."""


def open(
    name: str,
    *,
    store: str | Path | Store | None = None,
    tokens: int = TOKENS,
    holdout: float = 0.0,
    mask: bool = False,
    create: bool = True,
    redact: Callable[[str], str] | None = None,
    detectors: Iterable[Detector] | None = (),
    on_event: Listener | None = None,
) -> Playbook:
    """The playbook `name`, which is made where there is none.

    `store` is a file, a `sqlite:///` address, `:memory:`, or a store that is open already; where it is not given, `ACE_STORE`
    or `ace.db`. `tokens` is how much of a prompt the bullets may take: a larger playbook is searched for those that concern
    the task. `holdout` is the chance that a bullet is left out of an attempt, drawn for each; pinned ones never are. With
    `mask`, a bullet is not shown for tasks of a kind where draws say that it harms. Without `create`, a playbook that is not
    there is an error. `redact` is given every free text before it is stored and gives what is stored instead. `detectors` look
    for secrets and personal data in bullets before they are committed, besides the stock one: each is given a text and gives
    the kinds of what is in it, which are warned of (`ace.SensitiveWarning`). `on_event` is told what happens (`ace.events`).

    Raises `StoreUnusable` (not a store, no folder, read-only), `StoreDamaged`, `NotFound` and `BadSetting` (a name or number
    that cannot be)."""
    require_whole("tokens", tokens)
    require_holdout(holdout)
    _require_what_opens(store, mask, create, redact, on_event)
    drawing = Drawing(float(holdout), mask)
    if isinstance(store, Store):
        if redact is not None or detectors:
            raise BadSetting("redact and detectors belong to a store, and this one is open already; give them to Store.open")
        return _opened(store, name, tokens, create, on_event, drawing=drawing, ours=False)
    check_name(name)
    location = str(store) if isinstance(store, Path) else store_location(store or "")
    made = Store.open(location, create=create, redact=redact, detectors=detectors or ())
    try:
        return _opened(made, name, tokens, create, on_event, drawing=drawing, ours=True)
    # Only to close what was opened: all of it is raised on.
    except BaseException:
        made.close()
        raise


def _require_what_opens(store: object, mask: object, create: object, redact: object, on_event: object) -> None:
    """Raise `BadSetting` for a value of `open` that is of another type."""
    require_place(store)
    require_flag("mask", mask)
    require_flag("create", create)
    if redact is not None:
        require_function("redact", redact, "each text that is to be stored")
    if on_event is not None:
        require_listener("on_event", on_event)


def _opened(
    store: Store, name: str, tokens: int, create: bool, on_event: Listener | None, *, drawing: Drawing, ours: bool
) -> Playbook:
    if create:
        store.ensure_playbook(name)
    else:
        store.head(name)
    playbook = Playbook(store, name, tokens, [on_event] if on_event else [], drawing=drawing, ours=ours)
    if drawing.mask and not drawing.holdout:
        for line in nothing_drawn(playbook.effects().drawn, f"ace.open({name!r}, holdout=0.2)"):
            playbook._hear(Warned(line))
    return playbook


class Playbook(Editing, Reviewing):
    """An open playbook; `open` gives one. Use it in a `with` block, or `close` it, or keep it as long as the program runs."""

    def __init__(
        self,
        store: Store,
        name: str,
        tokens: int,
        listeners: Iterable[Listener],
        *,
        drawing: Drawing = NOT_DRAWN,
        ours: bool = True,
    ) -> None:
        self.store, self.name = store, name
        self._listeners, self._ours, self._sender = list(listeners), ours, ("", "")
        self.place = EpisodePlace(store, name, tokens, self._hear, drawing)

    def __repr__(self) -> str:
        return f"<playbook {self.name}>"

    @property
    def revision(self) -> int:
        """The number of its present revision; 0 is the empty playbook."""
        return self.store.head(self.name).number

    def bullets(self, *, distrusted: bool = False) -> list[Bullet]:
        """Its bullets, in order, without those that are retired, and with `distrusted` those too that rest on untrusted origins
        and that no attempt is shown."""
        require_flag("distrusted", distrusted)
        book = self.store.view(self.name)
        return (book if distrusted else book.at(Trust.TRUSTED)).bullets()

    def relevant(self, text: str, limit: int = 20) -> list[Hit]:
        """The bullets nearest to `text`, at most `limit`, best first, each with its score; none that is distrusted. Raises
        `BadSetting` for a limit that is not a whole number, 1 or more."""
        require_whole("limit", limit)
        return self.store.view(self.name).at(Trust.TRUSTED).relevant(require_text("the text", text), limit)

    def fit(self, limit: int = 3000) -> Fit:
        """What the newest `limit` attempts, of which an outcome was reported, say of its bullets by their texts as they stand
        now: for each bullet and for all of them in order, the ids of the episodes that show it right, wrong, or neither
        (`ace.evidence.fit`). Raises `BadSetting` for a limit that is not a whole number, 1 or more."""
        require_whole("limit", limit)
        return self.store.view(self.name).fit(limit)

    def effects(self, kind: str = "") -> PlaybookEffects:
        """What showing each bullet does to success, the surest first, from the attempts in which chance left it out
        (`open(..., holdout=0.2)`, `ace run --holdout 0.2`); with `kind`, from tasks of that kind. A bullet without draws has no
        effect (`None`). See `ace.evidence.effects`. Raises `UnknownName` for a kind that no attempt has."""
        return self.store.view(self.name).effects(require_text("kind", kind))

    def masked(self, kind: str = "") -> list[Bullet]:
        """The bullets that are not shown for tasks of `kind`, or of no kind, where masks are on (`open(..., mask=True)`,
        `ace run --mask`): draws say that they harm there. In the playbook's order; none where nothing was drawn."""
        kind, view = require_text("kind", kind), self.store.view(self.name).at(Trust.TRUSTED)
        masks = view.masks()
        return [b for b in view.bullets() if kind in masks.get(b.id, ())]

    def listen(self, listener: Listener) -> Listener:
        """Tell `listener` of every event from now on; gives it back, so that this may stand above a function. Its exceptions
        reach the call that caused the event, after the event was stored."""
        require_listener("a listener", listener)
        self._listeners.append(listener)
        return listener

    def episode(self, task: str | Task, *, kind: str = "", origin: str = "", trust: Trust | str = "") -> OpenEpisode:
        """An attempt at `task` (its statement, as the agent is given it), for a `with` or `async with` block. `kind` is the
        task's type, if it has one (`Task.kind`); `origin` its sender, if you authenticated it, `ace.UNVERIFIED` for one whom
        you did not, empty where the task is your own; `trust` is `untrusted` where nothing that is learned from the attempt
        alone may be shown, and need not be said where the sender is `UNVERIFIED`. All are stored with the episode. Raises
        `BadSetting` for a task without text, a kind or origin that is not a short line or is reserved, and a level of trust
        that there is not."""
        if origin == "":
            origin = (task.origin if isinstance(task, Task) else "") or self._sender[0]
        return OpenEpisode(self.place, *_trusted(_task(task, kind, origin), self._sender[1] if trust == "" else trust))

    def trust(self) -> dict[str, Standing]:
        """By bullet, retired ones too, what it rests on: its origins with counts, its trust, and whether it is distrusted and
        why. See `ace.evidence.standing.Standing`."""
        return self.store.trust(self.name)

    def sent_by(self, origin: str, trust: Trust | str = "") -> Playbook:
        """The same playbook, whose attempts are of `origin` and `trust` where `episode` is not told otherwise: for
        integrations, which see calls and not who is behind them, as in `wrap(client, playbook.sent_by(ace.UNVERIFIED))`. It
        works as long as this one is open. Raises `BadSetting` as `episode` does."""
        _trusted(_task("any", "", origin), trust)
        other = copy(self)
        other._ours, other._sender = False, (origin, str(trust))
        return other

    def report(
        self,
        key: str,
        success: bool | None,
        *,
        feedback: str | None = "",
        cited: Iterable[str] | None = (),
        score: float | None = None,
    ) -> Episode:
        """Say what came of an attempt that was kept for `later`: `key` is what that gave, or the id of a response that an
        integration has seen; the rest is as for `finish`. Any process may call it; a second call with the same outcome changes
        nothing. Raises `NotFound`, `BadSetting`, and `Conflict` where another outcome was reported before."""
        return report(self.place, require_text("the key", key), outcome(success, feedback, score), cited)

    async def areport(self, key: str, success: bool | None, **said: Unpack[OutcomeReport]) -> Episode:
        """`report`, for programs that may not wait for a disk."""
        return await asyncio.to_thread(lambda: self.report(key, success, **said))

    def import_attempts(
        self, *paths: str | Path, form: str = "", outcome: str = "", at_least: float = 1.0, origin: str = ""
    ) -> ImportedAttempts:
        """Store attempts that were made elsewhere, from files (`ace.traces.reading.FORMS` lists the forms; found by what stands
        in a file, unless `form` names one). `outcome` names the field, scorer or evaluation with the verdict, where there are
        several; a score wins from `at_least` on. `origin` is who wrote the tasks (as for `episode`); where nothing says it,
        the file. Nothing in a file is executed, all is checked before anything is stored, and a file that is read again adds
        nothing. Attempts whose verdict is not known are left out. Raises `BadInput` by file and line, `UnknownName`,
        `BadSetting`, and `Conflict` for an attempt that is stored with the other verdict."""
        require_paths(paths)
        require_texts(form=form, outcome=outcome)
        return import_attempts(self.place, past_files(paths, form, outcome, at_least, origin=origin))

    async def aimport_attempts(
        self, *paths: str | Path, form: str = "", outcome: str = "", at_least: float = 1.0, origin: str = ""
    ) -> ImportedAttempts:
        """`import_attempts`, for programs that may not wait for a disk."""
        said = {"form": form, "outcome": outcome, "origin": origin}
        return await asyncio.to_thread(lambda: self.import_attempts(*paths, at_least=at_least, **said))

    def learn(self, model: object = "novice", **options: Unpack[LearnOptions]) -> LearnResult:
        """Reflect on the attempts without a reflection, oldest first, and let a curator change the playbook, batch
        by batch. Works inside a running event loop too, which waits for it.

        `model` is a name as for `ace run --model`, or an object with `async def complete(request)`; `options` are explained at
        `LearnOptions`. Each batch is durable when its event says so. If it was stopped, call `learn` again: replies that were
        paid for are used. Where another process is learning from the same playbook, nothing is done and the notes say so.

        Raises `UserError` (a model, key or setting that cannot be), `ModelError`, `LimitReached`; at Ctrl-C what is paid for
        is kept first."""
        learning = self._learning(model, options)
        return loops.run(learning.run(), learning.stop)

    async def alearn(self, model: object = "novice", **options: Unpack[LearnOptions]) -> LearnResult:
        """`learn`, in the event loop that is running."""
        return await self._learning(model, options).run()

    def close(self) -> None:
        """Close the store, unless it was given open."""
        if self._ours:
            self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _learning(self, model: object, options: LearnOptions) -> Learning:
        return Learning(self.place, model, options)

    def _hear(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)


def _task(task: str | Task, kind: str, origin: str) -> Task:
    if isinstance(task, Task):
        require_text("the text of a task", task.text)
        if not isinstance(task.data, Mapping):
            raise BadSetting(f"the data of a task is {task.data!r:.80}; it must be a mapping")
        made = replace(task, kind=kind or task.kind, origin=origin)
    elif isinstance(task, str) and task.strip():
        made = Task(f"t-{digest(task)[:10]}", bounded(task), kind=kind, origin=origin)
    else:
        raise BadSetting(f"a task is {task!r}; it must be its statement, a text that is not empty, or an ace.Task")
    if fault := kind_fault(made.kind):
        raise BadSetting(f"{fault}; give kind a short line, or leave it out")
    if fault := origin_fault(made.origin):
        raise BadSetting(fault)
    return made


def _trusted(task: Task, trust: Trust | str) -> tuple[Task, Trust]:
    """The task and how far its attempt is trusted. What is called untrusted without a sender is of a sender that was not
    authenticated: it is not the environment's. Raises `BadSetting` for a level that there is not."""
    said = str(trust)
    if not isinstance(trust, str) or said not in ("", *Trust):
        raise BadSetting(f"trust is {trust!r}; it can be {' or '.join(map(repr, map(str, Trust)))}, or left out")
    if task.origin == UNVERIFIED and said == Trust.TRUSTED:
        raise BadSetting(
            f"an attempt of origin {UNVERIFIED!r} is untrusted; name the sender whom you authenticated, or leave trust out"
        )
    level = Trust(said) if said else Trust.TRUSTED
    return (replace(task, origin=task.origin or UNVERIFIED) if level is Trust.UNTRUSTED else task), level
