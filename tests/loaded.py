"""What a program of ours loads in its first second; `tests.warm` loads it once for many of them."""

import importlib

from ace.cli import parser

for name in (
    "ace.commands.terminal.common",
    "ace.memory.store",
    "ace.models.novice.curating",
    "ace.models.novice.acting",
    "ace.models.novice.diagnosing",
    "ace.runs.loop",
    "ace.runs.lifecycle",
    "ace.strategies.ace",
    "openai",
    "rich.console",
    "rich.table",
):
    importlib.import_module(name)
parser()
