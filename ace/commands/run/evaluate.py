"""`ace eval`: a playbook, at any revision, frozen, on a split."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from ace.commands.run.preview import Showing, preview
from ace.commands.terminal.common import (
    ContextOption,
    DryRunOption,
    JsonOption,
    MaxCalls,
    MaxSeconds,
    MaxTokens,
    MaxUsd,
    PromptsOption,
    RecordOption,
    ShowPromptOption,
    StoreOption,
    pairs,
)
from ace.commands.terminal.completion import environments, playbooks, strategies


class SplitName(StrEnum):
    TEST = "test"
    VAL = "val"
    TRAIN = "train"


def evaluate(
    environment: Annotated[
        str,
        typer.Argument(
            metavar="ENV", help="A name, package.module:attribute or file.py:attribute.", autocompletion=environments
        ),
    ],
    *,
    playbook: Annotated[str, typer.Option(help="The playbook: NAME or NAME@REVISION.", autocompletion=playbooks)],
    split: Annotated[SplitName, typer.Option(help="The split to measure on.")] = SplitName.TEST,
    model: Annotated[str, typer.Option("--model", "-m", help="The model that acts.")] = "novice",
    strategy: Annotated[
        str, typer.Option("--strategy", "-s", help="What is shown: ace, reflexion, frozen.", autocompletion=strategies)
    ] = "frozen",
    set_: Annotated[list[str], typer.Option("--set", help="A setting of the environment, as key=value.")] = [],  # noqa: B006
    eval_: Annotated[int | None, typer.Option("--eval", help="Cases; all of a finite split, else 200.")] = None,
    seed: Annotated[int, typer.Option(help="The seed of everything drawn by chance.")] = 0,
    concurrency: Annotated[int, typer.Option(help="Cases played at the same time.")] = 16,
    timeout: Annotated[float, typer.Option(help="Bound on one request, in seconds.")] = 120.0,
    api_base: Annotated[str, typer.Option(help="Address of an OpenAI-compatible server.")] = "",
    store: StoreOption = "",
    context: ContextOption = [],  # noqa: B006
    max_usd: MaxUsd = None,
    max_tokens_total: MaxTokens = None,
    max_calls: MaxCalls = None,
    max_seconds: MaxSeconds = None,
    prompts: PromptsOption = "",
    dry_run: DryRunOption = False,
    show_prompt: ShowPromptOption = "",
    record: RecordOption = "",
    json: JsonOption = False,
) -> None:
    """Measure a playbook on cases without learning from them. Nothing in the playbook can change."""
    from ace.budget import Budget
    from ace.commands.run.running import Chosen, run_evaluation
    from ace.roles.prompt_files import load_prompts
    from ace.settings import RunSettings, context_of

    settings = RunSettings(
        environment=environment,
        settings=pairs(set_),
        model=model,
        strategy=strategy,
        playbook=playbook,
        eval=eval_,
        seed=seed,
        timeout=timeout,
        api_base=api_base,
        split=split.value,
        context=context_of(context),
        prompts=load_prompts(prompts).own,
    )
    budget = Budget(usd=max_usd, tokens=max_tokens_total, calls=max_calls, seconds=max_seconds)
    chosen = Chosen(store, concurrency, budget, json, record)
    if dry_run or show_prompt:
        preview(settings, chosen, show_prompt, plan=dry_run)
    else:
        run_evaluation(settings, chosen)


def mount(app: typer.Typer) -> None:
    """Make it a command of `app`, `eval`."""
    app.command("eval", cls=Showing)(evaluate)
