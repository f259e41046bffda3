"""Whatever is printed passes one place, so that text from outside is judged there and a failing stream fails no work."""

from __future__ import annotations

import ast
from pathlib import Path

import ace

PRINTING = {"outside.py", "screen.py", "streams.py"}
FUNCTIONS = {"print", "echo", "secho", "echo_via_pager", "Console"}
STREAMS = {"stdout", "stderr", "__stdout__", "__stderr__"}


def test_nothing_prints_beside_the_one_place() -> None:
    root = Path(ace.__file__).parent
    found = [f"{p.relative_to(root)}:{n}" for p in root.rglob("*.py") if p.name not in PRINTING for n in printing(p)]
    assert found == []


def test_what_prints_is_recognised(tmp_path: Path) -> None:
    lines = [
        "print(1)",
        "typer.echo(1)",
        "sys.stdout.write(1)",
        "sys.stderr.buffer.write(b'')",
        "rich.console.Console()",
        "os.write(1, b'')",
    ]
    (tmp_path / "a.py").write_text("\n".join([*lines, "screen.print(1)", "sys.stdout.isatty()"]))
    assert printing(tmp_path / "a.py") == [1, 2, 3, 4, 5, 6]


def printing(path: Path) -> list[int]:
    """The lines of a file that write to a standard stream by themselves."""
    calls = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
    return sorted(n.lineno for n in calls if prints(n.func))


def prints(called: ast.expr) -> bool:
    words = ast.unparse(called).split(".")
    if words[-1] in {"write", "writelines"}:
        return bool(STREAMS & set(words)) or words == ["os", "write"]
    return (
        words[-1] in FUNCTIONS
        and (len(words) == 1 or words[0] not in {"screen", "self", "console()"})
        and "console" not in words[0]
    )
