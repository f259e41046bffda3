"""What a reader of a `manual:` folder needs: the open requests in one text, and answers to many of them in one file.

python benchmarks/reader.py open FOLDER [--share 1/4] [--wait 300]    print the requests that wait for an answer
python benchmarks/reader.py answer FOLDER ANSWERS.json                answer them

`open` waits up to `--wait` seconds for requests. It prints a message that many requests share once, then what is each
request's own, and ends with status 0; with status 3 and `DONE` where the phase is over and there will be no more; with status
4 and `NOTHING YET` where the time is up. `--share 2/4` gives the second of four readers its part of the requests.

ANSWERS.json is one object: the name of a request (such as `0007-generator-1a2b3c4d5e6f`) and its answer, an object of the
schema that the request wants. `answer` writes each to its file, and says which names are unknown and which are still open.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

DONE = "DONE"
"""The file in a folder after whose appearance no more requests come."""
_REQUEST = ".request.md"
_OVER, _NOTHING = 3, 4


def waiting(folder: Path, share: tuple[int, int] = (1, 1)) -> list[Path]:
    """The requests without an answer that are this share's, in order; the share of a request depends on its name alone."""
    mine = [p for p in sorted(folder.glob(f"*{_REQUEST}")) if zlib.crc32(_name(p).encode()) % share[1] == share[0] - 1]
    return [p for p in mine if not any(folder.glob(f"{_name(p)}.answer.*"))]


def _name(request: Path) -> str:
    return request.name.removesuffix(_REQUEST)


def parts(request: Path) -> list[str]:
    """A request in its parts: what is wanted, then each message."""
    _, *rest = request.read_text(encoding="utf-8").split("\n## ")
    return [part.strip() for part in rest]


def together(requests: list[Path]) -> str:
    """The requests in one text. A part that several have is printed once, under a letter."""
    found = {_name(p): parts(p) for p in requests}
    often = Counter(part for all_parts in found.values() for part in dict.fromkeys(all_parts))
    shared = {part: f"PART {chr(65 + i)}" for i, part in enumerate(p for p, n in often.items() if n > 1)}
    lines = [f"=== {label} (shared)\n{part}\n" for part, label in shared.items()]
    for name, all_parts in found.items():
        lines.append(f"=== REQUEST {name}")
        lines += [f"(as in {shared[part]})" if part in shared else part for part in all_parts]
        lines.append("")
    return "\n".join(lines)


def show_open(folder: Path, share: tuple[int, int], seconds: float) -> int:
    until = time.monotonic() + seconds
    while True:
        # Whether the phase is over is asked first: what was written before it ended is then seen.
        over = (folder / DONE).exists()
        found = waiting(folder, share)
        if found:
            # Requests of a batch are written one after the other.
            time.sleep(0.5)
            print(together(waiting(folder, share)))
            return 0
        if over:
            print(DONE)
            return _OVER
        if time.monotonic() >= until:
            print("NOTHING YET")
            return _NOTHING
        time.sleep(0.2)


def answer(folder: Path, answers: dict[str, Any]) -> int:
    """Write the answers; give 1 where a name is unknown or was answered already."""
    wrong = []
    for name, value in answers.items():
        asked, target = folder / f"{name}{_REQUEST}", folder / f"{name}.answer.json"
        if not asked.exists() or target.exists():
            wrong.append(name)
            continue
        scratch = target.with_suffix(".tmp")
        scratch.write_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), encoding="utf-8")
        scratch.replace(target)
    if wrong:
        print(f"unknown, or answered already: {', '.join(wrong)}", file=sys.stderr)
    print(f"{len(answers) - len(wrong)} answered; open: {', '.join(map(_name, waiting(folder))) or 'none'}")
    return 1 if wrong else 0


def _share(text: str) -> tuple[int, int]:
    mine, _, of = text.partition("/")
    if not (mine.isdecimal() and of.isdecimal() and 1 <= int(mine) <= int(of)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a share; write it as 2/4")
    return int(mine), int(of)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="command", required=True)
    opening = parts.add_parser("open")
    opening.add_argument("folder", type=Path)
    opening.add_argument("--share", type=_share, default=(1, 1), metavar="I/N")
    opening.add_argument("--wait", type=float, default=300.0, metavar="SECONDS")
    answering = parts.add_parser("answer")
    answering.add_argument("folder", type=Path)
    answering.add_argument("answers", type=Path)
    options = parser.parse_args()
    if options.command == "open":
        return show_open(options.folder, options.share, options.wait)
    return answer(options.folder, json.loads(options.answers.read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main())
