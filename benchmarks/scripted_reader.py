"""A reader that is a script: it answers the requests of a folder by simple rules, to try out what `strong.py` does.

python benchmarks/scripted_reader.py FOLDER [--seconds 600]

Every answer is the smallest that its schema takes, with a few fields filled in: a listed answer as the action, the case as its
own situation, and one lesson a curation. It learns next to nothing; the apparatus is what it tries.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import zlib
from pathlib import Path
from typing import Any

from reader import DONE, answer, parts, waiting

_SCHEMA = re.compile(r"```json\n(.*?)\n```", re.DOTALL)
_LISTED = re.compile(r"^> - (.+)$", re.MULTILINE)


def smallest(schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """The smallest value that `schema` takes: empty texts and lists, the first of an enumeration."""
    if "$ref" in schema:
        return smallest(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return smallest(schema["anyOf"][0], root)
    if schema.get("type") == "object":
        return {name: smallest(part, root) for name, part in schema.get("properties", {}).items()}
    return {"string": "", "array": [], "integer": 0, "number": 0, "boolean": False}[schema["type"]]


def answered(request: Path) -> dict[str, Any]:
    text = request.read_text(encoding="utf-8")
    found = _SCHEMA.search(text)
    schema: dict[str, Any] = json.loads(found[1]) if found else {"type": "object"}
    value: dict[str, Any] = smallest(schema, schema)
    listed = _LISTED.findall(parts(request)[-1]) or ["nothing"]
    number = zlib.crc32(request.name.encode())
    filled = {
        "thought": "The script takes one by chance.",
        "action": listed[number % len(listed)],
        "situation": "kind: a case; number: " + str(number % 7),
        "choice": listed[number % len(listed)],
        "diagnosis": "It came out as it did.",
        "reasoning": "The script writes one lesson.",
    }
    value |= {name: said for name, said in filled.items() if value.get(name) == ""}
    if value.get("add") == [] and "Added" in schema.get("$defs", {}):
        lesson = smallest(schema["$defs"]["Added"], schema)
        said = f'When "number" is "{number % 7}": choose "{listed[number % len(listed)]}".'
        value["add"] = [{**lesson, "section": "Rules", "text": said, "reason": "a trial"}]
    return value


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=600, help="when to give up")
    options = parser.parse_args()
    until = time.monotonic() + options.seconds
    while time.monotonic() < until:
        over, found = (options.folder / DONE).exists(), waiting(options.folder)
        if found:
            answer(options.folder, {p.name.removesuffix(".request.md"): answered(p) for p in found})
        elif over:
            return 0
        time.sleep(0.1)
    print("gave up", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
