"""`ace prompts`: prompts of one's own, begun from the stock ones and looked at before they are used."""

from __future__ import annotations

from typing import Annotated

import typer

from ace.commands.parts import HELP
from ace.commands.terminal.common import JsonOption, console, print_json
from ace.commands.terminal.streams import work_is_kept

app = typer.Typer(rich_markup_mode=None, help=HELP["prompts"], no_args_is_help=True)


@app.command("export")
def export(
    folder: Annotated[
        str, typer.Argument(metavar="DIR", help="The folder to write to; created if it does not exist.")
    ] = "prompts",
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    json: JsonOption = False,
) -> None:
    """Write the stock prompts of generator, reflector and curator, and a README on their placeholders.

    Change them and use them with: ace run ENV --prompts DIR. Nothing is overwritten without --force.
    """
    from ace.roles.prompt_files import export_prompts

    written = [str(path) for path in export_prompts(folder, force=force)]
    work_is_kept()
    if json:
        print_json({"folder": folder, "files": written})
        return
    for path in written:
        console().print(path)


@app.command("check")
def check(
    prompts: Annotated[str, typer.Argument(metavar="DIR", help="A folder, or the name of a package.")], json: JsonOption = False
) -> None:
    """Check whether prompts can be used: one line for each fault, with file and line, and exit status 2."""
    from ace.roles.instructions import ROLES
    from ace.roles.prompt_files import load_prompts

    found = load_prompts(prompts)
    if json:
        print_json({"prompts": prompts, "digest": found.digest, "own": list(found.own)})
        return
    for role in ROLES:
        console().print(f"{role}: {'your own' if role in found.own else 'the stock prompt'}")
