"""Changing a playbook from a program, by the same rules as from the command line.

A program that edits is a person's tool, so what it does is a delta with a name and a reason, judged by the same guards; what
they refuse is raised, what they warn of is given back. Every method has an async form, named with an `a` before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, TypedDict, TypeVar, Unpack

from ace.editing import hand as by_hand
from ace.editing.author import author_name
from ace.editing.exporting import Outgoing, export
from ace.editing.files import named, read_text
from ace.editing.hand import Done, Hand
from ace.editing.quarantine import Quarantine, quarantine
from ace.editing.reading import found_in
from ace.errors import BadSetting, UnknownName
from ace.memory.exchange.imports import Imported, ImportSettings, near_of
from ace.memory.log.commit import as_applied
from ace.memory.store import Store
from ace.memory.values import Committed
from ace.playbooks.bullet import clean
from ace.playbooks.merge.order import Side
from ace.playbooks.operations import Op, Operation
from ace.playbooks.typed import require_text, typed_reason
from ace.session.required import require_flag, require_paths

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")
Near = Literal["ignore", "report", "merge"]


class ChangeKeywords(TypedDict, total=False):
    """How a change is entered in the log, and how firmly it is meant.

    - `reason`: why (what was done, such as "added by hand").
    - `author`: in whose name (`ACE_AUTHOR`, else git's `user.name`, else the system's user).
    - `force`: make the change even where it looks like a mistake (no)."""

    reason: str
    author: str
    force: bool


@dataclass(frozen=True, slots=True)
class Edit:
    """What a change came to: the `revision` it made and its hash, the ids of the `bullets` it touched, in order, the reason it
    has in the log, what was `refused` of it (other changes had come first), and `warnings`, such as near duplicates. Where
    there was nothing to do, no bullet was touched and the revision is the one that stands."""

    revision: int
    hash: str
    bullets: tuple[str, ...]
    reason: str
    refused: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def in_a_thread(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """The async form of a method that waits for a disk."""

    @wraps(method)
    async def asynchronous(self: S, /, *given: P.args, **named: P.kwargs) -> T:
        return await asyncio.to_thread(method, self, *given, **named)

    asynchronous.__doc__ = f"`{method.__name__}`, for programs that may not wait for a disk."
    return asynchronous


class Editing:
    """The changes that a program makes to playbook `name` in `store`."""

    store: Store
    name: str

    def add(self, text: str, section: str, *, after: str = "", **said: Unpack[ChangeKeywords]) -> Edit:
        """Add a bullet of one line to `section`; last, or after the bullet `after` ("first": at the section's top). Raises
        `BadInput` (what guards refuse), `BadSetting`, `NotFound` and `Conflict`."""
        require_text("after", after)
        o = Operation(Op.ADD, section=section, text=text, after=after)
        return edit_of(by_hand.add(self.store, self.name, o, _hand(said)))

    def revise(self, id: str, text: str, **said: Unpack[ChangeKeywords]) -> Edit:
        """Give a bullet another text; its id, place and history stay. `id` may be the beginning of one. Raises as `add`."""
        return edit_of(by_hand.revise(self.store, self.name, id, text, _hand(said)))

    def retire(self, *ids: str, **said: Unpack[ChangeKeywords]) -> Edit:
        """Take bullets out, all or none. They stay as tombstones that `restore` brings back. Raises as `add`."""
        return self._mark(Op.RETIRE, ids, said)

    def restore(self, *ids: str, **said: Unpack[ChangeKeywords]) -> Edit:
        """Restore retired bullets to their place. Raises as `add`."""
        return self._mark(Op.RESTORE, ids, said)

    def activate(self, *ids: str, **said: Unpack[ChangeKeywords]) -> Edit:
        """Confirm guesses: turn them into lessons. Raises as `add`."""
        return self._mark(Op.ACTIVATE, ids, said)

    def demote(self, *ids: str, **said: Unpack[ChangeKeywords]) -> Edit:
        """Make lessons guesses again, which wait for evidence: the inverse of `activate`. Raises as `add`."""
        return self._mark(Op.DEMOTE, ids, said)

    def pin(self, *ids: str, **said: Unpack[ChangeKeywords]) -> Edit:
        """Protect bullets from curators. Raises as `add`."""
        return self._mark(Op.PIN, ids, said)

    def unpin(self, *ids: str, **said: Unpack[ChangeKeywords]) -> Edit:
        """Let curators change bullets again. Raises as `add`."""
        return self._mark(Op.UNPIN, ids, said)

    def escalate(self, *ids: str, **said: Unpack[ChangeKeywords]) -> Edit:
        """Let a stronger model decide where bullets apply, in runs that have one. Raises as `add`, and `Conflict` for a bullet
        that is retired or distrusted."""
        return self._mark(Op.ESCALATE, ids, said)

    def deescalate(self, *ids: str, **said: Unpack[ChangeKeywords]) -> Edit:
        """Let the agent's own model take the steps again where these bullets apply. Raises as `add`."""
        return self._mark(Op.DEESCALATE, ids, said)

    def revert(self, revision: int | str, **said: Unpack[ChangeKeywords]) -> Edit:
        """Undo what one revision (its number or hash) did, and nothing that came later. Raises `NotFound`, and `Conflict` where
        something later depends on it."""
        return edit_of(by_hand.undo(self.store, "revert", self.name, str(revision), _hand(said)))

    def rollback(self, revision: int | str, **said: Unpack[ChangeKeywords]) -> Edit:
        """Make the playbook read as at an earlier revision. It is a new revision, so nothing is lost. Raises as `revert`."""
        return edit_of(by_hand.undo(self.store, "rollback", self.name, str(revision), _hand(said)))

    def merge(
        self,
        other: str,
        *,
        take: Mapping[str, Side] | None = None,
        otherwise: Side | None = None,
        **said: Unpack[ChangeKeywords],
    ) -> Edit:
        """Merge what playbook `other` (a name in the same store, or NAME@REVISION) has changed since the two were one. `take`
        decides conflicts by bullet id ("ours" or "theirs"), `otherwise` all that are left. Raises `Conflict` naming the bullets
        that are undecided, `NotFound` and `BadSetting`; then nothing is written."""
        hand = _hand(said)
        require_text("the other playbook", other)
        plan = self.store.branches.plan(self.name, other, take, otherwise=otherwise)
        reason = hand.why(f"merge of {plan.theirs.playbook}@{plan.theirs.number}")
        return edit_of(Done(self.store.branches.commit(plan, reason, by=hand.author), reason))

    def export(
        self,
        to: str | Path = "",
        *,
        format: str = "",
        revision: int | str | None = None,
        history: bool = False,
        force: bool = False,
    ) -> str:
        """The playbook as a text; written to the file `to` too, if one is named. `format` is `markdown`, `json`, `agents`,
        `ace`, `skillbook`, `skillbook-0.9` or `plain`; empty, the file's name says, else it is Markdown. AGENTS.md and its like
        get a marked part; a file that no export wrote, or that was changed since, needs `force`, and a copy of it is kept.
        `history` gives every delta as JSON. Raises `BadInput`, `NotFound`, `UnknownName` and `BadSetting`."""
        require_text("format", format)
        _require_flags(history=history, force=force)
        if to:
            require_paths([to])
        ref = self.name if revision is None else f"{self.name}@{revision}"
        return export(self.store, Outgoing(ref, format, history, str(to), force, python=True)).text

    def import_(
        self,
        file: str | Path = "",
        *,
        text: str | None = None,
        format: str = "",
        near: Near = "ignore",
        update: bool = False,
        skip_bad: bool = False,
        strict: bool = False,
        dry_run: bool = False,
        reason: str = "",
        author: str = "",
    ) -> Imported:
        """Add what a file, or `text`, says and the playbook does not, in one revision. The options are those of
        `ace playbook import`. Raises `BadInput` naming the line, `UnknownName` and `Conflict`; then nothing is written. A whole
        history becomes a playbook of its own: `ace playbook import FILE NAME`."""
        if (text is None) == (not str(file)):
            raise BadSetting("an import needs a file or a text, and not both")
        require_text("format", format)
        _require_flags(update=update, skip_bad=skip_bad, strict=strict, dry_run=dry_run)
        require_paths([file])
        path = Path(str(file))
        content = read_text(path) if text is None else require_text("text", text)
        with named(path if text is None else Path("text"), content):
            found = found_in(content, self.name, format, strict=strict, skip_bad=skip_bad)
        if found.histories:
            raise BadSetting("this is a history, which becomes a playbook of its own: ace playbook import FILE NAME")
        source = clean(path.name) if text is None else "a text"
        said = typed_reason(reason) or f"imported from {source} ({found.kind})"
        file = path.name if text is None else ""
        how = ImportSettings(said, update, near_of(near), dry_run, author_name(author), file)
        return self.store.imports.bullets(self.name, found.vetted, how)

    def quarantine(
        self, origin: str, *, partly: bool = False, pinned: bool = False, dry_run: bool = False, **said: Unpack[ChangeKeywords]
    ) -> Quarantine:
        """Retire the bullets whose texts rest on `origin` alone (a sender; `person`, `environment`, `operator` or `import`;
        `import:FILE`, `person:NAME`), in one revision that `revert` undoes, and say what else it reached. With `partly` those
        too that rest on it together with others; pinned ones only with `pinned`. `dry_run` changes nothing. Raises `NotFound`
        for an origin that it does not have, `BadInput` for what looks like a mistake unless `force` is given."""
        _require_flags(partly=partly, pinned=pinned, dry_run=dry_run)
        hand, asked = _hand(said), require_text("the origin", origin)
        return quarantine(self.store, self.name, asked, hand, partly=partly, pinned=pinned, dry_run=dry_run)

    def _mark(self, op: Op, ids: tuple[str, ...], said: ChangeKeywords) -> Edit:
        if not ids:
            raise BadSetting(f"{op.value} needs the id of a bullet, or several")
        return edit_of(by_hand.mark(self.store, self.name, op, ids, _hand(said)))

    aadd = in_a_thread(add)
    arevise = in_a_thread(revise)
    aretire = in_a_thread(retire)
    arestore = in_a_thread(restore)
    aactivate = in_a_thread(activate)
    ademote = in_a_thread(demote)
    apin = in_a_thread(pin)
    aunpin = in_a_thread(unpin)
    aescalate = in_a_thread(escalate)
    adeescalate = in_a_thread(deescalate)
    arevert = in_a_thread(revert)
    arollback = in_a_thread(rollback)
    aquarantine = in_a_thread(quarantine)
    amerge = in_a_thread(merge)
    aexport = in_a_thread(export)
    aimport = in_a_thread(import_)


def _hand(said: ChangeKeywords) -> Hand:
    for name in said:
        if name not in ChangeKeywords.__annotations__:
            raise UnknownName("option of a change", name, ChangeKeywords.__annotations__)
    require_flag("force", said.get("force", False))
    given, force = typed_reason(said.get("reason", "")), said.get("force", False)
    return Hand(author_name(said.get("author", "")), lambda otherwise: given or otherwise, lambda _: force, "give force=True")


def _require_flags(**values: object) -> None:
    for what, value in values.items():
        require_flag(what, value)


def edit_of(done: Done) -> Edit:
    """What was committed, as a program is told."""
    made: Committed = done.committed
    if made.revision is None:
        raise AssertionError("a change that was carried out has a revision")
    ids = dict.fromkeys(o.new_id or o.id for _, o in as_applied(made.changes))
    refused = tuple(r.told for r in made.refusals)
    return Edit(made.revision.number, made.revision.hash, tuple(ids), done.reason, refused, tuple(done.warnings))
