"""`ace playbook blame, why, fit, effects, search, verify`: where lessons came from, what became of them, whether the log holds.

These are the doors alone; what they print is made in a file for each, loaded when it is asked for.
"""

from __future__ import annotations

from typing import Annotated

import typer

from ace.commands.terminal.common import JsonOption, StoreOption
from ace.commands.terminal.completion import playbooks

_Ref = Annotated[
    str, typer.Argument(metavar="REF", help="NAME, or NAME@REVISION (a number or a hash).", autocompletion=playbooks)
]


def blame(
    ref: _Ref,
    section: Annotated[str, typer.Option("--section", "-s", help="Only the bullets of this section.")] = "",
    long: Annotated[bool, typer.Option("--long", help="Every wording with its delta, lesson and episode.")] = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Where each bullet came from: the revision that gave it its text, when and by whom, a line each.

    With --long every wording it had, the words marked that changed, with its delta, lesson and episode, and the bullets it was
    merged from; --json gives these too.
    """
    from ace.commands.playbook.blame import show_blame

    show_blame(ref, section, store, as_json=json, long=long)


def why(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="The playbook; or the bullet alone, where one playbook has it.", autocompletion=playbooks
        ),
    ],
    bullet: Annotated[str, typer.Argument(metavar="BULLET", help="The bullet's id; a retired one's too.")] = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """The whole life of one bullet.

    What caused it, every change with its reason, the episodes that saw it, what happened with it and without it, and the votes.
    """
    from ace.commands.playbook.bullet_history import show_life

    show_life(name if bullet else "", bullet or name, store, json)


def trust(
    ref: _Ref,
    bullet: Annotated[list[str] | None, typer.Option("--bullet", "-b", help="This bullet; may be given several times.")] = None,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """What each bullet rests on: its origins with counts, and whether it is distrusted.

    What needs attention comes first. An origin is a sender, an imported file, a person, or the environment.
    """
    from ace.commands.playbook.trust import show_trust

    show_trust(ref, bullet or [], store, json)


def fit(
    ref: _Ref,
    bullet: Annotated[
        str, typer.Option("--bullet", "-b", help="This bullet alone, with the attempts behind each number.")
    ] = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """What past attempts say of each bullet's text as it stands now.

    Right, wrong or silent: the facts of the newest 3,000 training attempts are matched with the texts, in order; the first that
    covers an attempt decides it. Whether an attempt was shown or followed a bullet does not count.
    """
    from ace.commands.playbook.fit import show_fit

    show_fit(ref, bullet, store, json)


def effects(
    ref: _Ref,
    kind: Annotated[str, typer.Option("--kind", "-k", help="Only in tasks of this kind.")] = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """The effect on success of showing each bullet, the most certain first.

    Estimated from the training attempts in which chance left it out (ace run --holdout 0.2), beside what was observed. A bullet
    that was reworded or merged starts anew, with what it came from beside it.
    """
    from ace.commands.playbook.effects import show_effects

    show_effects(ref, kind, store, json)


def search(
    ref: _Ref,
    text: Annotated[list[str], typer.Argument(metavar="TEXT", help="A task, a question or a few words.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10**9, help="Show at most this many.")] = 10,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """The bullets most relevant to a text, best match first."""
    from ace.commands.playbook.search import show_hits

    show_hits(ref, " ".join(text), limit, store, json)


def verify(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The playbook; all of them if not given.", autocompletion=playbooks)
    ] = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Replay the log and check every row against it.

    Every hash, and every bullet as it is and as it was. The hashes cover what was done and why, not who did it, when, or in
    which run. Exit status: 0 all is well, 1 something was changed; each change is listed on a line.
    """
    from ace.commands.playbook.search import verify_books

    if not verify_books(name, store, json):
        raise typer.Exit(1)
