"""Reading a file that a user named into a playbook."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ace.commands.playbook.import_report import imported_json, tell, tell_not_taken
from ace.commands.terminal.common import console, count, opened, print_json
from ace.commands.terminal.prose import line, say
from ace.editing.author import author_name
from ace.editing.files import named, read_text
from ace.editing.reading import found_in
from ace.errors import BadSetting, Conflict
from ace.memory.database.refs import check_name, made_new
from ace.memory.database.sqlite import kept_location, place, store_location
from ace.memory.exchange.imports import ImportSettings
from ace.memory.store import Store
from ace.playbooks.bullet import clean
from ace.playbooks.formats.history import History
from ace.playbooks.typed import typed_reason


@dataclass(frozen=True, slots=True)
class Incoming:
    """What to read: the file, the playbook, the format (empty: as the file says), whether to leave out what guards refuse, how
    to import, and whether to refuse a file that holds anything other than bullets."""

    file: Path
    name: str
    format: str
    skip_bad: bool
    how: ImportSettings
    strict: bool = False


def read_in(wanted: Incoming, store: str, as_json: bool) -> None:
    """Import as `wanted`. Everything that can be wrong with the file is found before the store is opened."""
    with _uncollected():
        _read_in(wanted, store, as_json)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for garbage meanwhile: among the values of a hundred thousand bullets it costs a tenth of the time and finds
    nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _read_in(wanted: Incoming, store: str, as_json: bool) -> None:
    check_name(wanted.name)
    text = read_text(wanted.file)
    with named(wanted.file, text):
        found = found_in(text, wanted.name, wanted.format, strict=wanted.strict, skip_bad=wanted.skip_bad)
    if found.histories:
        with named(wanted.file, text):
            _bring_in(found.histories, wanted, store, as_json)
        return
    said = typed_reason(wanted.how.reason) or f"imported from {clean(wanted.file.name)} ({found.kind})"
    how = replace(wanted.how, reason=said, by=author_name(wanted.how.by), file=wanted.file.name)
    with _reached(store, how.dry_run) as db:
        names = [p.name for p in db.playbooks()]
        done = db.imports.bullets(wanted.name, found.vetted, how)
    new = done.revision is not None and not how.dry_run and wanted.name not in names
    warnings = [made_new(wanted.name, names)] if new and names else []
    for warning in warnings:
        say(console(stderr=True), line(warning), first="Warning: ")
    if as_json:
        print_json({**imported_json(wanted.name, done, how, found.not_taken), "warnings": warnings})
    else:
        tell(wanted.name, done, how)
        tell_not_taken(found.not_taken)


def _there(location: str) -> bool:
    path = place(store_location(location)).path
    return path is not None and path.exists()


@contextmanager
def _reached(location: str, dry_run: bool) -> Iterator[Store]:
    """The store at `location`, made where there is none; for a dry run an empty one stands in for it."""
    with opened(":memory:" if dry_run and not _there(location) else kept_location(location), create=True) as store:
        yield store


def _bring_in(histories: Sequence[History], wanted: Incoming, store: str, as_json: bool) -> None:
    """Bring a history in. Where there is no store yet, or none is to be written, it is tried on an empty one in memory."""
    name, dry_run = wanted.name, wanted.how.dry_run
    if wanted.skip_bad or wanted.how != ImportSettings(dry_run=dry_run, by=wanted.how.by):
        more = "it takes no --update, --near, --skip-bad or --reason"
        raise BadSetting(f"{wanted.file} is a history, which comes in whole: {more}")
    if dry_run or not _there(store):
        with Store.open(":memory:") as trial:
            revision = trial.histories.bring_in(histories, name)
    with _reached(store, dry_run) as db:
        if not dry_run:
            revision = db.histories.bring_in(histories, name)
        elif name in {p.name for p in db.playbooks()}:
            raise Conflict(f"there is a playbook {name!r} already; a history becomes a new one, so choose another name")
    if as_json:
        head = {"playbook": name, "revision": revision.number, "hash": revision.hash}
        print_json({**head, "dry_run": dry_run, "bullets": revision.bullets})
        return
    verb = "would get" if dry_run else "got"
    what = f"{count(revision.number, 'revision')}, {count(revision.bullets, 'bullet')}"
    console().print(f"{name} {verb} the whole history: {what}; every hash came out as the file says")
