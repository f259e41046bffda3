"""`ace store`: backups of the file that everything is in, and whether it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ace.commands.terminal.common import JsonOption, StoreOption, console, count, opened, print_json
from ace.commands.terminal.streams import work_is_kept

OFFERS = {"store": "app"}
PLACE = 700
HELP = {"store": "The store: back up, restore, check, compact."}

app = typer.Typer(rich_markup_mode=None, help=HELP["store"], no_args_is_help=True)


@app.command("backup")
def backup(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A new file; beside the store, named by the time, if not given.")
    ] = None,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Copy the whole store; it may be in use meanwhile.

    Two automatic backups are kept beside the store, made when a run ends and when a changed store is closed. Their names are
    the store's with .auto-1.backup (the latest) and .auto-2.backup (up to an hour older) appended."""
    with opened(store) as db:
        kept = db.upkeep.backup(file)
    work_is_kept()
    if json:
        print_json({"backup": str(kept.path), "bytes": kept.size})
    else:
        console().print(f"{kept.path}: {megabytes(kept.size)}")


@app.command("restore")
def restore(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The backup; the newest intact one beside the store if not given.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Restore a backup also where it does not agree with itself; see `ace store check`.")
    ] = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Restore the store from a backup, which is checked first. The replaced file is kept beside it."""
    from ace.memory.database.sqlite import place, store_location
    from ace.memory.maintenance.restore import restore as bring_back

    location = store_location(store)
    done = bring_back(place(location), file, force=force)
    work_is_kept()
    if json:
        print_json({"from": str(done.source), "made": done.made, "kept": str(done.aside) if done.aside else None})
        return
    console().print(f"{location} is as it was in {done.source.name}, made {done.made[:16].replace('T', ' ')} UTC")
    if done.aside:
        console().print(f"the file as it was is kept as {done.aside.name}")


@app.command("check")
def check(store: StoreOption = "", json: JsonOption = False) -> None:
    """Look for damage: the file, every playbook against its log, the search index, counts, episodes against their hashes.

    Exit status: 0 no damage was found, 1 some was.
    """
    from ace.memory.database.backups import way_back
    from ace.memory.database.sqlite import place, store_location

    with opened(store) as db:
        faults = db.upkeep.check()
        books = len(db.playbooks()) if not faults else 0
    if json:
        print_json({"store": store_location(store), "faults": list(faults)})
    else:
        screen = console()
        for fault in faults:
            screen.print(fault, style="red")
        if not faults:
            screen.print(f"{store_location(store)}: nothing is wrong ({count(books, 'playbook')})")
    if faults:
        path = place(store_location(store)).path
        if path is not None:
            console(stderr=True).print(f"Nothing was changed; {way_back(path)}")
        raise typer.Exit(1)


@app.command("compact")
def compact(store: StoreOption = "", json: JsonOption = False) -> None:
    """Rewrite the file without unused space. Everything is kept."""
    with opened(store) as db:
        done = db.upkeep.compact()
    work_is_kept()
    if json:
        print_json({"before": done.before, "after": done.after})
    else:
        console().print(f"{megabytes(done.before)} before, {megabytes(done.after)} after")


def megabytes(size: int) -> str:
    """Bytes for people."""
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1e3:,.1f} kB"
