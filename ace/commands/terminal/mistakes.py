"""What the parser of the command line refuses, in the words of our own messages.

The parser's library says what it expected in terms of its types; a person is told what was given, and what would be accepted,
in the same form wherever a value is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher, get_close_matches
from typing import Any

from ace.errors import nearest

_ACCEPTED = {
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "int_parsing_size": "it has too many digits",
    "float_parsing": "it must be a number",
    "bool_parsing": "it must be true or false",
    "greater_than_equal": "it must be {ge} or more",
    "less_than_equal": "it must be {le} or less",
}
"""By the type of the library's error; braces stand for what its context holds."""


_NONE_OF = re.compile(r"(Value error, )?(?P<value>.*) is not one of (?P<names>'.*')\.", re.DOTALL)
"""How the library says that a value is none of its choices."""
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_SETTING = re.compile(r"""([a-z][a-z_]*) is (?=('[^']*'|"[^"]*"|[^ ;]+);)""")
_OTHER_WORDS = {
    "version": ("--version",),
    "help": ("--help",),
    "undo": ("rollback", "revert"),
    "delete": ("retire", "purge"),
    "remove": ("retire", "purge"),
    "rm": ("retire", "purge"),
    "ls": ("list",),
    "history": ("log",),
    "get": ("show",),
    "cat": ("show",),
    "change": ("revise",),
    "environment": ("env",),
}
"""Commands by words that people say for them."""
_COMMANDS_ALIKE = 0.65
"""The likeness from which a command is taken for a mistyped other: `version` has .625 of `diversity`."""
_ALIKE = 0.6
"""The likeness of two names of options, without their dashes, from which one is taken for a mistyped other."""


def in_words(mistake: Any) -> str:
    """One line on a `UsageError`: what was refused, why, and what would be accepted."""
    if type(mistake).__name__ == "NoSuchOption":
        return f"No such option: {mistake.option_name}{_of_run(mistake) or _options(mistake)}"
    said = _value(mistake) or mistake.format_message().replace("Value error, ", "")
    if "No such command" in said:
        return _command(mistake)
    if type(mistake).__name__ == "MissingParameter" or "extra argument" in said:
        return said.rstrip(".") + _usage(mistake)
    return said


def _value(mistake: Any) -> str:
    """What is wrong with a value that could not be converted; empty where the parser's own words are the best there are."""
    if getattr(mistake, "param", None) is not None and (none := _NONE_OF.fullmatch(mistake.message)):
        return _no_choice(_param(mistake.param), none["value"], re.findall("'([^']*)'", none["names"]))
    errors = getattr(mistake.__cause__, "errors", None)
    error = errors()[0] if errors else {}
    accepted = _ACCEPTED.get(error.get("type", ""))
    if accepted is None or mistake.param is None:
        return ""
    given = str(error["input"])[:60]
    shown = given if _NUMBER.fullmatch(given) else repr(given)
    return f"{_param(mistake.param)} is {shown}; {accepted.format(**error.get('ctx', {}))}"


def _param(param: Any) -> str:
    name = param.opts[0] if param.param_type_name == "option" else (param.metavar or param.name)
    return str(name)


def _no_choice(name: str, value: str, choices: list[str]) -> str:
    """That a value, as it is quoted, is none of the few that there are, with the nearest."""
    near = get_close_matches(value.strip("'\"").lower(), choices, n=1, cutoff=_ALIKE)
    meant = f"did you mean {near[0]}? (valid: {', '.join(choices)})" if near else f"it must be one of {', '.join(choices)}"
    return f"{name} is {value[:60]}; {meant}"


def as_typed(message: str, options: Mapping[str, str]) -> str:
    """`message` on a setting by its keyword, such as `at_least is 5`, with the option as typed, of `options` by keyword."""
    found = _SETTING.match(message)
    option = options.get(found[1]) if found else None
    return message if found is None or option is None else f"{option}{message[found.end(1) :]}"


_NOT_IN = {
    "eval": "an evaluation learns nothing",
    "compare": "an experiment has no such setting",
    "review": "the runs of an experiment wait for no person; gates judge their changes (--gate)",
    "hold-sensitive": "the runs of an experiment wait for no person",
    "playbook": "each run of an experiment begins a playbook of its own",
    "strategy": "arms name strategies (--arms, --arm)",
    "strategy-set": "arms have the settings of their strategies (--arm NAME=STRATEGY:KEY=VALUE)",
    "learn-only": "an experiment measures what was learned",
}
"""Why an option of `ace run` is none of another command, by command, or by the option at `ace compare`."""


def _of_run(mistake: Any) -> str:
    """That an option is one of `ace run`, where another command that begins runs was given it, and why it has none."""
    from ace.flags import Door, stated
    from ace.settings import RunSettings

    command, key = _name(mistake).split(" ")[0] if mistake.ctx is not None else "", mistake.option_name.lstrip("-")
    if command not in ("eval", "compare") or key not in {s.key for s in stated(RunSettings, Door.RUN)}:
        return ""
    return f"; ace run has it: {_NOT_IN.get(key, _NOT_IN[command]) if command == 'compare' else _NOT_IN[command]}"


def _options(mistake: Any) -> str:
    """The options that read alike, else where they are listed. The library takes the dashes for a likeness."""
    given = mistake.option_name.lstrip("-")
    likeness = {o: SequenceMatcher(None, given, o.lstrip("-")).ratio() for o in mistake.possibilities or ()}
    near = sorted((o for o, like in likeness.items() if like >= _ALIKE), key=lambda o: -likeness[o])
    if near:
        return f"; did you mean {' or '.join(near[:2])}?"
    return f" (ace {_name(mistake)} --help lists the options)" if mistake.ctx is not None else ""


def _name(mistake: Any) -> str:
    """The command as it is typed after `ace`."""
    program = str(mistake.ctx.find_root().info_name)
    return " ".join(mistake.ctx.command_path.removeprefix(program).split())


def _usage(mistake: Any) -> str:
    """How the command is written."""
    if mistake.ctx is None:
        return ""
    name = _name(mistake)
    pieces = mistake.ctx.command.collect_usage_pieces(mistake.ctx)
    missing = [f"{p.opts[0]} ..." for p in mistake.ctx.command.params if p.required and p.param_type_name == "option"]
    line = " ".join(["ace", name, *(p for p in pieces if p != "[OPTIONS]"), *missing])
    return f"; write: {line} (ace {name} --help lists the options)"


def plain_usage(command: Any) -> None:
    """Let the usage line of `command`, and of all below it, name required arguments as messages do: `ENV`, not `{ENV}`."""
    for below in getattr(command, "commands", {}).values():
        plain_usage(below)
    pieces = command.collect_usage_pieces
    command.collect_usage_pieces = lambda ctx: [p.replace("{", "").replace("}", "") for p in pieces(ctx)]


def _command(mistake: Any) -> str:
    """That a command is none of those there are, and which may be meant."""
    group = getattr(mistake.ctx, "command", None)
    there = group.list_commands(mistake.ctx) if group is not None else []
    found = re.search("No such command '([^']*)'", mistake.format_message())
    given = found[1] if found else ""
    other = [word for word in _OTHER_WORDS.get(given.lower(), ()) if word in there or word.startswith("--")]
    # It is an option of `ace` alone.
    other = [word for word in other if word != "--version" or mistake.ctx.parent is None]
    near = other or nearest(given, there, like=_COMMANDS_ALIKE)
    meant = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    return f"No such command {given!r}.{meant} (valid: {', '.join(there)})"
