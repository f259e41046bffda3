"""What the commands share: options, output, and pairs of settings.

The decision behind it: what is printed on stdout is either for people or one JSON value, never both; progress is for stderr.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ace.types import JSON

if TYPE_CHECKING:
    from rich.console import Console

    from ace.memory.store import Store

StoreOption = Annotated[str, typer.Option("--store", help="The database: a file or a sqlite:/// address.", envvar="ACE_STORE")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value on stdout and nothing else there.")]
LimitOption = Annotated[int, typer.Option("--limit", "-n", min=1, help="Show at most this many.")]


def print_json(value: JSON) -> None:
    """`value` as one JSON document on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def console(stderr: bool = False) -> Console:
    """A console that is plain where it is not a terminal, and as wide as the terminal where it is."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, soft_wrap=not stream.isatty(), markup=False, emoji=False)


@contextmanager
def paged(lines: int) -> Iterator[Console]:
    """A console whose output goes through the pager where it is longer than the terminal."""
    screen = console()
    if sys.stdout.isatty() and sys.stdin.isatty() and lines > screen.size.height - 2:
        with screen.pager(styles=True):
            yield screen
    else:
        yield screen


@contextmanager
def opened(location: str) -> Iterator[Store]:
    """The store at `location`, for reading and editing; it must exist."""
    from ace.memory.store import Store
    from ace.opening import store_location

    with Store.open(store_location(location), create=False) as store:
        yield store


def pairs(given: Sequence[str]) -> dict[str, str]:
    """`key=value` texts as a mapping. Raises `BadSetting`."""
    from ace.options import parse_pairs

    return parse_pairs(list(given))


def share(value: float | None) -> str:
    """A share as a percentage, or a dash."""
    return "–" if value is None else f"{100 * value:.1f} %"


def money(usd: float | None) -> str:
    """What something cost, or that this is not known."""
    return "price unknown" if usd is None else f"${usd:.4f}" if usd else "$0"


def where(location: str) -> str:
    """The option that a command needs to find the store at `location`; nothing where it is found anyway."""
    from ace.opening import store_location

    return "" if location == store_location("") else f" --store {shlex.quote(location)}"


def count(n: int, word: str) -> str:
    """A number with its noun: 1 bullet, 2 bullets."""
    return f"{n:,} {word}{'' if n == 1 else 's'}"
