"""Whatever is printed passes one place, so that text from outside is judged there and a failing stream fails no work."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from tests.parsed import ROOT, nodes, sources

PRINTING = {"outside.py", "screen.py", "streams.py"}
PIPES = {
    "ace/environments/code/inside/judge.py",
    "ace/environments/code/inside/wire.py",
    "ace/environments/workers/serve.py",
}
"""Programs of processes that an environment starts: what they write goes to it, on pipes of their own."""
FUNCTIONS = {"print", "echo", "secho", "echo_via_pager", "Console"}
WRITING = {"write", "writelines"}
STREAMS = {"stdout", "stderr", "__stdout__", "__stderr__"}


def test_nothing_prints_beside_the_one_place() -> None:
    files = [p for p in sources() if p.name not in PRINTING and p.relative_to(ROOT).as_posix() not in PIPES]
    found = [f"{p.relative_to(ROOT)}:{n}" for p in files for n in printing(nodes(p))]
    assert found == []


def test_what_prints_is_recognised() -> None:
    lines = [
        "print(1)",
        "typer.echo(1)",
        "sys.stdout.write(1)",
        "sys.stderr.buffer.write(b'')",
        "rich.console.Console()",
        "os.write(1, b'')",
    ]
    source = "\n".join([*lines, "screen.print(1)", "sys.stdout.isatty()"])
    assert printing(ast.walk(ast.parse(source))) == [1, 2, 3, 4, 5, 6]


def printing(nodes: Iterable[ast.AST]) -> list[int]:
    """The lines of a module that write to a standard stream by themselves."""
    return sorted(n.lineno for n in nodes if isinstance(n, ast.Call) and prints(n.func))


def prints(called: ast.expr) -> bool:
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    if name not in FUNCTIONS | WRITING:
        return False
    words = ast.unparse(called).split(".")
    if words[-1] in WRITING:
        return bool(STREAMS & set(words)) or words == ["os", "write"]
    return (
        words[-1] in FUNCTIONS
        and (len(words) == 1 or words[0] not in {"screen", "self", "console()"})
        and "console" not in words[0]
    )
