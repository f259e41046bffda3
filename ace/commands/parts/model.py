"""`ace model check`: whether a model answers, what structured output and log-probabilities it gives, its speed, its price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ace.commands.parts import HELP
from ace.commands.terminal.common import JsonOption, console, count, print_json

if TYPE_CHECKING:
    from ace.models.probe import ProbeReport

app = typer.Typer(rich_markup_mode=None, help=HELP["model"], no_args_is_help=True)

_STRUCTURED = {
    "json_schema": "a JSON schema, which its server enforces",
    "json_object": "a JSON object; the schema is in the prompt, replies are checked here",
    "instructions": "none; the schema is in the prompt, replies are checked here",
    "ignored": "a JSON schema is taken and not kept to; replies are checked here",
    "": "not known",
}


_LOGPROBS = {
    "each": "log-probabilities of any listed option: --answering likelihood",
    "first": "log-probabilities of first tokens: --answering likelihood, where options begin differently",
    "none": "no log-probabilities; --answering json",
}


@app.callback()
def _group() -> None:
    """Models: check that a model answers, and what it supports."""


@app.command("check")
def check(
    model: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="The model: novice, provider/name, local:FILE.gguf, manual:DIR, replay:FILE, file.py:attribute.",
        ),
    ],
    api_base: Annotated[str, typer.Option(help="Address of an OpenAI-compatible server.")] = "",
    timeout: Annotated[float, typer.Option(min=0.1, help="Time limit for one request, in seconds.")] = 60.0,
    json: JsonOption = False,
) -> None:
    """Check, by a few short requests, that a model answers; report its structured output, log-probabilities, speed and price,
    where known.

    Keys come from the environment. Exit status: 0 it answers, 1 it failed, 2 it was refused (key, name, address).
    """
    import asyncio

    from ace.commands.terminal.patience import ANSWERING, waited
    from ace.models.probe import probe
    from ace.models.reached import ModelSettings
    from ace.models.registry import open_model

    with waited(f"ace: still waiting for {model}", ANSWERING):
        report = asyncio.run(probe(open_model(model, ModelSettings(api_base or None)), timeout))
    if json:
        print_json(_json(report))
    else:
        _show(report)
    if report.status:
        raise typer.Exit(report.status)


def _json(r: ProbeReport) -> dict[str, object]:
    price = {"prompt": r.price.prompt, "cached": r.price.cached, "completion": r.price.completion} if r.price else None
    return {
        "model": r.model,
        "address": r.address,
        "answers": r.answers,
        "seconds": round(r.seconds, 3),
        "structured": r.structured or None,
        "logprobs": r.logprobs or None,
        "load_seconds": None if r.load is None else round(r.load, 3),
        "read_per_second": None if r.read is None else round(r.read, 1),
        "written_per_second": None if r.written is None else round(r.written, 1),
        "context": r.context,
        "usd_per_token": price,
        "note": r.note,
        "problem": r.problem,
        "offered": list(r.offered),
        "usage": r.usage.as_json(),
    }


def _show(r: ProbeReport) -> None:
    screen = console()
    screen.print(f"{r.model}{f' at {r.address}' if r.address else ''}", style="bold")
    screen.print(f"  answers     {_answers(r)}")
    if r.structured:
        screen.print(f"  structured  {_STRUCTURED[r.structured]}")
    if r.logprobs:
        screen.print(f"  likelihood  {_LOGPROBS[r.logprobs]}")
    if r.load is not None:
        screen.print(f"  loaded      in {r.load:.1f} seconds; {r.context:,} tokens a request")
    if r.read and r.written:
        screen.print(f"  speed       {r.read:,.0f} prompt tokens and {r.written:,.0f} written ones in a second")
    screen.print(f"  price       {_price(r)}")
    if r.usage.calls:
        tokens = r.usage.prompt_tokens + r.usage.completion_tokens
        guessed = " (estimated: its server does not count them)" if r.usage.estimated else ""
        screen.print(f"  this check  {count(r.usage.calls, 'request')}, {tokens} tokens{guessed}, {_cost(r)}")
    if r.problem:
        screen.print(f"  problem     {r.problem}", style="bold red")
    if r.offered:
        screen.print(f"  it offers   {', '.join(r.offered)}")


def _answers(r: ProbeReport) -> str:
    if not r.answers:
        return "no"
    return f"yes: {r.note}" if r.note else f"yes, in {r.seconds:.2f} seconds"


def _cost(r: ProbeReport) -> str:
    if r.price is None or r.usage.cost_usd is None:
        return "at an unknown price"
    return f"${r.usage.cost_usd:.6f}" if r.usage.cost_usd else "at no cost"


def _price(r: ProbeReport) -> str:
    if r.price is None:
        return "unknown; a limit in dollars cannot be kept, one on tokens or calls can"
    if not (r.price.prompt or r.price.completion):
        return "none"
    prompt, cached, written = (1e6 * p for p in (r.price.prompt, r.price.cached, r.price.completion))
    return f"${prompt:g} for a million prompt tokens (${cached:g} cached), ${written:g} for a million completion tokens"
