"""A playbook as a text in one of the formats, and as a file that a person named."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ace.editing.copying import copy_of
from ace.editing.replacing import Existing
from ace.errors import BadInput, BadSetting
from ace.memory.store import Store
from ace.playbooks.formats.contract import Format
from ace.playbooks.formats.history import render_history
from ace.playbooks.formats.line import Copy
from ace.playbooks.formats.registry import format_for, format_of, formats
from ace.playbooks.formats.seal import seal


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What to write: the revision, the format (empty: by the file's name), whether the whole history, the file (empty or `-`:
    none), and whether to replace a file that is something else. `python` says that the library was asked, whose words for an
    option the messages then have."""

    ref: str
    format: str = ""
    history: bool = False
    out: str = ""
    force: bool = False
    python: bool = False

    def option(self, name: str, value: str = "") -> str:
        """How the option `name` is written where this was asked for."""
        return f"{name}={value}" if self.python else f"--{name}"

    @property
    def to_file(self) -> bool:
        return self.out not in ("", "-")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was exported: the `text`, its format, the playbook as it was copied, and the copy of the file that stood there."""

    text: str
    form: Format
    copy: Copy
    kept: Path | None = None


def export(store: Store, wanted: Outgoing) -> Exported:
    """Export as `wanted`, into the file if one is named. Raises the user's mistakes; then nothing is written."""
    form = _format(wanted)
    past = store.histories.of(wanted.ref) if wanted.history else []
    copy = copy_of(store, wanted.ref, counts=form.counts)
    text = render_history(past) if wanted.history else form.render(copy)
    if not wanted.to_file:
        return Exported(seal(text, form) if form.json else text, form, copy)
    file = Existing(Path(wanted.out), wanted.force, wanted.option("force", "True"))
    if file.keeps_the_rest(form, asked=bool(wanted.format)):
        return Exported(text, formats()["agents"], copy, file.place(copy, store))
    sealed = seal(text, form)
    return Exported(sealed, form, copy, file.replace(sealed, form))


def _format(wanted: Outgoing) -> Format:
    if wanted.format:
        form = format_of(wanted.format)
    elif wanted.to_file and Path(wanted.out).is_dir():
        raise BadInput(f"{wanted.out} is not a file but a folder; name a file in it, as in {Path(wanted.out) / 'playbook.md'}")
    elif wanted.to_file:
        form = format_for(wanted.out, wanted.option("format"))
    else:
        form = format_of("json" if wanted.history else "markdown")
    if wanted.history and form.name != "json":
        raise BadSetting(f"{wanted.option('history', 'True')} is for the json format, and the format is {form.name}")
    return form
