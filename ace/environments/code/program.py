"""From what an agent writes to the program that is run.

Agents answer with a whole function, with its body alone, or with either in a block of Markdown and prose around it. Nothing is
parsed as Python here: text of unknown origin is compiled inside of the sandbox only.
"""

from __future__ import annotations

import re
import textwrap

LONGEST = 100_000
"""Characters of a reply."""
_BLOCK = re.compile(r"^[ ]{0,3}(`{3,}|~{3,})[ ]*[\w+.-]*[ ]*\n(.*?)^[ ]{0,3}\1[`~]*[ ]*$", re.DOTALL | re.MULTILINE)


def source_in(reply: str, entry: str = "") -> str:
    """The Python in `reply`: its last block that defines `entry`, else its last block, else all of it."""
    blocks = [found[2] for found in _BLOCK.finditer(reply.replace("\r\n", "\n"))]
    if not blocks:
        return reply
    return next((block for block in reversed(blocks) if entry and defines(block, entry)), blocks[-1])


def completed(prompt: str, entry: str, reply: str) -> str:
    """The program of a task whose `prompt` begins the function `entry`: what stands before it, and the reply's function; or the
    prompt, and the reply as the function's body."""
    source = source_in(reply, entry)
    if not defines(source, entry):
        return f"{prompt.rstrip()}\n{_indented(source)}\n"
    before = prompt[: _definition(entry).search(prompt).start()] if defines(prompt, entry) else ""  # type: ignore[union-attr]
    # Imports from the future must come first.
    return source if re.search(r"^from __future__", source, re.MULTILINE) else f"{before}\n{source}"


def defines(source: str, entry: str) -> bool:
    """Whether a line of `source` begins the definition of `entry`."""
    return _definition(entry).search(source) is not None


def _definition(entry: str) -> re.Pattern[str]:
    return re.compile(rf"^(?:(?:async[ ]+)?def|class)[ ]+{re.escape(entry)}\b|^{re.escape(entry)}[ ]*=", re.MULTILINE)


def _indented(source: str) -> str:
    first = next((line for line in source.splitlines() if line.strip()), "")
    return source if first[:1] in (" ", "\t") else textwrap.indent(source, "    ")
