"""`ace proxy trace`: where the playbook moved what a model said in a stored attempt."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ace.commands.episode import HELP
from ace.commands.terminal.common import JsonOption, StoreOption, console, count, opened, print_json
from ace.commands.terminal.prose import line
from ace.commands.terminal.tables import Column, print_table
from ace.errors import BadInput

if TYPE_CHECKING:
    from rich.console import Console

    from ace.memory.store import Store
    from ace.models.proxy.trace import MovedOption, MovedToken
    from ace.runs.asked import Asked
    from ace.types import Episode

app = typer.Typer(rich_markup_mode=None, help=HELP["proxy"], no_args_is_help=True)

_LOCAL = "local:"
_TOKENS = (
    Column("#", right=True),
    *(Column(name, right=True) for name in ("KL", "with", "without", "combined")),
    Column("token"),
    Column("base would say"),
)
_OPTIONS = (*(Column(name, right=True) for name in ("moved", "with", "without", "base", "combined")), Column("option"))


@app.callback()
def _group() -> None:
    """Proxy decoding: what a playbook changes in a small model's logits, added to those of a base model."""


@app.command("trace")
def trace(
    id: Annotated[str, typer.Argument(metavar="EPISODE", help="The episode; the first letters of its id are enough.")],
    *,
    proxy: Annotated[
        str, typer.Option(metavar="FILE", help="The small model, FILE.gguf, for an episode that was played without a proxy.")
    ] = "",
    top: Annotated[int, typer.Option(min=1, max=10_000, help="Tokens shown of each reply: those that changed most.")] = 12,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Which tokens of a reply the playbook changed: for each, the KL divergence of the model's distribution without the
    playbook from the one with it.

    Distributions are not stored: they are computed again from the stored prompts, with the model files as they are now.
    """
    with opened(store) as db:
        episode, found = _found(db, id)
        base, small, alpha = _models(db, episode, found[0], proxy)
    told = _gone_over(base, small, alpha, found)
    note = f"computed again from the stored prompts with {small} (base {base}, alpha {alpha:g}); nothing of it was stored"
    if json:
        rows = [{"exact": a.exact, **_json(moved)} for a, moved in zip(found, told, strict=True)]
        models = {"base": base, "proxy": small, "alpha": alpha}
        print_json({"episode": episode.id, **models, "note": note, "requests": rows})
        return
    screen = console()
    screen.print(f"episode {episode.id}: {episode.outcome.verdict.value}", style="bold")
    screen.print(note)
    for number, (a, moved) in enumerate(zip(found, told, strict=True), 1):
        again = "" if a.exact else ", made again: it differs from what was sent"
        _show(screen, f"request {number} of {len(found)}{again}", moved, top)


def _found(db: Store, id: str) -> tuple[Episode, list[Asked]]:
    """The episode, and what its agent was asked and replied. Raises `BadInput` where there is nothing of it."""
    from ace.memory.database.prefixes import IdKind
    from ace.runs.asked import purged, requests

    episode = db.episode(db.whole(IdKind.EPISODE, id))
    if purged(episode):
        raise BadInput(f"episode {episode.id} was {episode.outcome.reason}: its prompts and replies are no longer stored")
    found = [a for a in requests(db, episode) if a.role == "generator" and a.reply]
    if not found:
        raise BadInput(f"no reply is stored of episode {episode.id}: it was made by another program, or ended before one came")
    if not any(a.request.without for a in found):
        raise BadInput(f"episode {episode.id} was shown no playbook, so a playbook could not change its replies")
    return episode, found


def _models(db: Store, episode: Episode, asked: Asked, given: str) -> tuple[str, str, float]:
    """The files of base and small model with how they are run, and alpha: as the run had them, or `given` for a run without."""
    config = db.run(asked.run).config
    proxy, model = given or str(config.get("proxy") or ""), str(config.get("model") or "")
    if not proxy:
        raise BadInput(f"episode {episode.id} was made without a proxy; --proxy FILE.gguf goes over it with a model of yours")
    small = proxy.removeprefix(_LOCAL)
    alpha = (config.get("sampling") or {}).get("alpha")
    base = model.removeprefix(_LOCAL) if model.startswith(_LOCAL) and config.get("proxy") else small
    return base, small, 1.0 if alpha is None else float(alpha)


def _gone_over(base: str, small: str, alpha: float, found: Sequence[Asked]) -> list[list[MovedToken] | list[MovedOption]]:
    """What the playbook moved in the reply to each request; nothing where none was shown."""
    from ace.models.clients.local import local_file
    from ace.models.clients.proxied import weights_of
    from ace.models.proxy.trace import Tracing

    def moved(tracing: Tracing, a: Asked) -> list[MovedToken] | list[MovedOption]:
        if not a.request.without:
            return []
        return tracing.options(a.request) if a.request.options else [*tracing.tokens(a.request, a.reply or "")]

    with ExitStack() as loaded:
        first, second = (loaded.enter_context(closing(w)) for w in weights_of(local_file(base), local_file(small)))
        tracing = loaded.enter_context(closing(Tracing(first, second, alpha)))
        return [moved(tracing, a) for a in found]


def _json(moved: Sequence[MovedToken] | Sequence[MovedOption]) -> dict[str, Any]:
    from ace.models.proxy.trace import MovedOption

    name = "options" if moved and isinstance(moved[0], MovedOption) else "tokens"
    return {name: [m.as_json() for m in moved]}


def _show(screen: Console, title: str, moved: Sequence[MovedToken] | Sequence[MovedOption], top: int) -> None:
    from ace.models.proxy.trace import MovedOption, MovedToken

    tokens = [m for m in moved if isinstance(m, MovedToken)]
    options = [m for m in moved if isinstance(m, MovedOption)]
    screen.print()
    if options:
        rows = [[*(f"{v:.2f}" for v in (o.moved, o.shown, o.bare, o.base, o.combined)), line(o.option, 60)] for o in options]
        print_table(screen, _OPTIONS, rows, f"{title}: log-probability of each option, in nats")
        return
    total = sum(t.divergence for t in tokens)
    most = sorted(range(len(tokens)), key=lambda n: -tokens[n].divergence)[:top]
    share = sum(tokens[n].divergence for n in most) / total if total else 0.0
    rows = [_cells(n, tokens[n]) for n in sorted(most)]
    print_table(screen, _TOKENS, rows, f"{title}: {count(len(tokens), 'token')}, {total:.2f} nats in all")
    agreed = sum(t.likeliest for t in tokens)
    which = "1 token" if len(most) == 1 else f"{len(most)} tokens"
    are = "is" if len(most) == 1 else "are"
    screen.print(f"{which} with {share:.0%} of it {are} shown; {agreed} of {len(tokens)} are the likeliest by the sum")


def _cells(n: int, t: MovedToken) -> list[str]:
    shares = [f"{p:.3f}" for p in (t.shown, t.bare, t.combined)]
    return [str(n + 1), f"{t.divergence:.3f}", *shares, repr(t.text)[1:-1], repr(t.instead)[1:-1] if t.instead else ""]
