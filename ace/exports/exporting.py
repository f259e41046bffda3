"""An export from its choice to rows: what leaves, in which files, or that nothing does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ace.errors import BadInput, BadSetting, NotFound, UnknownName
from ace.exports import trl, verl
from ace.exports.choosing import AttemptSource, Selection, Surveyed
from ace.exports.folder import RowFolder, WrittenFile
from ace.exports.rows import Conversations, PromptForm, Row
from ace.memory.store import Store
from ace.types import JSON, Split


@dataclass(frozen=True, slots=True)
class RowForm:
    """The form of rows: `trl` with what it trains (`sft`, `dpo`, `kto`, `grpo`), or `verl`."""

    name: str
    rows: Callable[[Conversations, Split], Iterator[Row]]
    none: str


def form_of(library: str, kind: str = "") -> RowForm:
    """The rows of `library` for `kind`. Raises `UnknownName`, and `BadSetting` where TRL's kind is not said."""
    if library == "verl":
        return RowForm("verl", verl.rows, verl.NONE)
    if not kind:
        raise BadSetting(f"say what the rows are to train with --for: {', '.join(trl.FORMS)}")
    if kind not in trl.FORMS:
        raise UnknownName("kind of rows", kind, trl.FORMS)
    return RowForm(f"trl {kind}", trl.FORMS[kind], trl.NONE[kind])


def shown_of(text: str) -> PromptForm:
    """Whether the playbook stands in prompts. Raises `UnknownName`."""
    known = [s.value for s in PromptForm]
    if text not in known:
        raise UnknownName("kind of prompt", text, known)
    return PromptForm(text)


@dataclass(frozen=True, slots=True)
class RowExport:
    """An export that can be made: nothing in it is wrong, and nothing is written. `about` is its source in words."""

    about: str
    form: RowForm
    shown: PromptForm
    lines: Conversations
    seen: Surveyed

    def rows(self, split: Split) -> Iterator[Row]:
        """The rows of one split."""
        return self.form.rows(self.lines, split)

    def to_folder(self, folder: RowFolder) -> list[WrittenFile]:
        """Write a file for each split; `folder` then knows what it removed. Raises `NotFound` where there are no rows, and
        `BadInput` where a file may not be written."""
        files: dict[str, Callable[[], Iterable[Row]]] = {
            f"{split}.jsonl": lambda split=split: self.rows(split)  # type: ignore[misc]
            for split in self.seen.splits
        }
        folder.require_free(files)
        done = folder.write(files, self.as_json())
        if not done:
            raise self.nothing()
        return done

    def as_json(self) -> dict[str, JSON]:
        """What this is an export of, and what was left out of it."""
        left_out: Mapping[str, JSON] = {why.name.lower(): n for why, n in self.seen.left_out.items()}
        attempts = {split: self.seen.leaving[split] for split in self.seen.splits}
        return {
            "form": self.form.name,
            "source": self.about,
            "prompt": self.shown.value,
            "attempts": attempts,
            "left_out": left_out,
        }

    def nothing(self) -> NotFound:
        """That there are no rows, and why."""
        return NotFound(f"nothing to export: {self.form.none}{_but(self.seen)}")


def export(store: Store, choice: Selection, form: RowForm, shown: PromptForm, about: str) -> RowExport:
    """The attempts of `choice` as rows in `form`. Raises `BadInput` for an attempt that was named and may not leave, and
    `NotFound` where none does."""
    source = AttemptSource(store, choice)
    source.require_named()
    seen = source.look()
    if not seen.leaving:
        has = "none but these attempts" if seen.left_out else "no attempts"
        raise NotFound(f"nothing to export: {about} has {has}{_but(seen)}")
    return RowExport(about, form, shown, Conversations(source, shown), seen)


def one_split(made: RowExport) -> Split:
    """The split whose rows go where there is one place for all. Raises `BadInput` where there are several."""
    found: Sequence[Split] = made.seen.splits
    if len(found) > 1:
        apart = f"splits stay apart, and these are of {' and '.join(found)}"
        raise BadInput(f"{apart}; name a folder with -o, in which each gets a file")
    return found[0]


def open_folder(out: str, *, force: bool) -> RowFolder:
    """The folder that a person named."""
    return RowFolder(Path(out), force=force)


def _but(seen: Surveyed) -> str:
    return f" ({seen.reasons})" if seen.reasons else ""
