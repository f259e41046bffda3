"""What the commands share: options, output, and pairs of settings.

What is printed on stdout is either for people or one JSON value, never both; progress is for stderr.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from ace.commands.terminal.outside import in_json, put
from ace.errors import BadInput
from ace.types import JSON

if TYPE_CHECKING:
    from rich.console import Console

    from ace.memory.store import Store

StoreOption = Annotated[str, typer.Option("--store", help="The database: a file or a sqlite:/// address.", envvar="ACE_STORE")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value on stdout, and nothing else.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Report what this would do and show the first request; send and store nothing.")
]
StudyDryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Report what this would do and cost; send and store nothing.")
]
AnewOption = Annotated[bool, typer.Option("--anew", help="Play all attempts again, even those already in the store.")]
ShowPromptOption = Annotated[
    str,
    typer.Option(
        "--show-prompt",
        metavar="[ROLE]",
        help="Print the first request of generator (the default), reflector, curator or all; send and store nothing.",
    ),
]
AuthorOption = Annotated[
    str,
    typer.Option(
        "--author",
        metavar="NAME",
        help="The author's name; git's user.name or your user name if not given.",
        envvar="ACE_AUTHOR",
    ),
]
FormatOption = Annotated[str, typer.Option("--format", "-f", help="jsonl or csv.")]
OutOption = Annotated[str, typer.Option("--out", "-o", metavar="FILE", help="A new file; else standard output.")]
LimitOption = Annotated[int, typer.Option("--limit", "-n", min=1, max=10**9, help="Show at most this many.")]


def print_json(value: JSON) -> None:
    """`value` as one JSON document on stdout."""
    text = in_json(json.dumps(value, ensure_ascii=False, indent=2))
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        # What the stream cannot carry, JSON can spell in ASCII.
        text = in_json(json.dumps(value, indent=2))
    put(text + "\n")


def console(stderr: bool = False, page: TextIO | None = None) -> Console:
    """A console as wide as the terminal, or as `COLUMNS` says; plain, with lines of any length, where there is neither. Prints
    to `page`, which is shown on the terminal, if given."""
    from ace.commands.terminal.screen import Screen

    stream = sys.stderr if stderr else sys.stdout
    plain = page is None and not stream.isatty() and not asked_width()
    forced = None if page is None else True
    return Screen(file=page, stderr=stderr, force_terminal=forced, highlight=False, soft_wrap=plain, markup=False, emoji=False)


def asked_width() -> int:
    """The width that `COLUMNS` asks for, in characters; 0 where it asks for none."""
    asked = os.environ.get("COLUMNS", "")
    return int(asked) if asked.isascii() and asked.isdigit() else 0


@contextmanager
def paged() -> Iterator[Console]:
    """A console whose output goes through the pager where it is longer than the terminal."""
    screen = console()
    if not sys.stdout.isatty():
        yield screen
        return
    from ace.commands.terminal.paging import Page, ReaderLeft, pager

    page = Page(pager(), screen.height)
    with suppress(ReaderLeft):
        try:
            yield console(page=page)
        finally:
            page.finish()


@contextmanager
def opened(location: str, *, create: bool = False) -> Iterator[Store]:
    """The store at `location`, for reading and editing; it must exist, unless `create` makes it. One that may not be written
    can be read all the same. Raises `BadSetting` for one in memory, which is always empty here, unless `create`."""
    from ace.commands.terminal.streams import work_is_kept
    from ace.memory.database.sqlite import kept_location, place, read_only, store_location
    from ace.memory.store import Store

    where = store_location(location) if create else kept_location(location)
    with Store.open(where, create=create, read_only=not create and read_only(place(where))) as store:
        yield store
        if store.changed:
            work_is_kept()


def pairs(given: Sequence[str]) -> dict[str, str]:
    """`key=value` texts as a mapping. Raises `BadSetting`."""
    from ace.options import parse_pairs

    return parse_pairs(list(given))


def share(value: float | None) -> str:
    """A share as a percentage, or a dash."""
    return "–" if value is None else f"{100 * value:.1f} %"


def points(value: float | None) -> str:
    """A difference of shares in percentage points, with its sign."""
    return "" if value is None else _percent(value, "+.1f")


def interval(bounds: Sequence[float] | None, form: str = ".1f") -> str:
    """The bounds of a share in percent, or of a difference in points (`form="+.1f"`)."""
    return "" if bounds is None else " to ".join(_percent(bound, form) for bound in bounds)


def p_value(p: float) -> str:
    """A p-value to four places, without the zero before the point."""
    return "<.0001" if p < 0.0001 else f"{p:.4f}".removeprefix("0")


def _percent(value: float, form: str) -> str:
    # A zero has no sign of its own.
    return format(round(100 * value, 1) + 0.0, form)


def money(usd: float | None) -> str:
    """What something cost, or that this is not known."""
    return "price unknown" if usd is None else f"${usd:.4f}" if usd else "$0"


def about(n: float) -> str:
    """A number to two or three figures: 840, 4,530, 12 k, 1.4 M."""
    return f"{n / 1e6:.1f} M" if n >= 1e6 else f"{n / 1e3:.0f} k" if n >= 1e4 else f"{int(n):,}"


def where(location: str) -> str:
    """The option that a command needs to find the store at `location`; nothing where it is found anyway."""
    from ace.memory.database.sqlite import store_location

    return "" if location == store_location("") else f" --store {shlex.quote(location)}"


def count(n: int, word: str) -> str:
    """A number with its noun: 1 bullet, 2 bullets."""
    return f"{n:,} {word}{'' if n == 1 else 's'}"


def only(option: str, given: Sequence[str]) -> str:
    """The one value that `option` was given; empty where it was not. Raises `BadInput` for more than one: the last alone would
    be used otherwise, without a word."""
    if len(given) > 1:
        raise BadInput(
            f"{option} is given {len(given)} times ({', '.join(map(repr, given))}); give it once, and run again for the other"
        )
    return given[0] if given else ""
