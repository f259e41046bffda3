"""`replay:FILE`: replies that were recorded, played back exactly; and the recorder.

The decision behind it: a reply belongs to its request, not to its turn, so a recording is played back right at any concurrency.
A request that was not recorded is an error that names it, never a call. A recording is JSON lines, to be read and compared.
"""

from __future__ import annotations

import errno
import json
from collections import defaultdict, deque
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any, get_args

from ace.errors import BadInput, BadSetting, ModelRefused
from ace.models.contract import Model, Reply, Request, Stop
from ace.models.parsing import reply
from ace.types import JSON, Usage

_HEADER: dict[str, JSON] = {"recording": "ace", "version": 1}
_SHOWN = 100


class Recording:
    """`model`, with every reply appended to `file`. What the file holds already is kept: a resumed run goes on with it.

    Several models may record to one file, if they share the process. Raises `BadSetting` for a file that cannot be written and
    `BadInput` for one that is no recording."""

    def __init__(self, model: Model, file: str | Path) -> None:
        self.name = model.name
        self._model, self._path = model, Path(file).expanduser()
        if self._path.exists():
            list(_rows(self._path))
        self._file: TextIOWrapper | None = _appending(self._path)

    async def complete(self, request: Request) -> Reply:
        answered = await self._model.complete(request)
        if self._file is not None:
            self._file.write(_line(_recorded(request, answered, self.name)))
            self._file.flush()
        return answered

    async def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        await self._model.close()


class Replay:
    """The replies in `file`, each for the request it was given to, in the order they came. Their usage is played back too.
    Raises `BadInput` for a file that cannot be read or is no recording."""

    def __init__(self, file: str) -> None:
        self.name = f"replay:{file}"
        if not file.strip():
            raise BadSetting("replay: needs a file; write replay:FILE")
        self._replies: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
        self._asked: dict[str, list[str]] = defaultdict(list)
        self._missing = ""
        for row in _rows(Path(file).expanduser()):
            self._replies[row["request"]].append(row)
            self._asked[row["role"]].append(row["messages"][-1][1] if row["messages"] else "")

    @property
    def size(self) -> int:
        """How many replies are left."""
        return sum(len(rows) for rows in self._replies.values())

    async def complete(self, request: Request) -> Reply:
        rows = self._replies.get(request.hash)
        if not rows:
            # All that follows differs because of the first one that did.
            self._missing = self._missing or self._differs(request)
            raise ModelRefused(self._missing, usage=Usage())
        row = rows.popleft()
        return reply(request, row["text"], row["stop"], Usage(*row["usage"]))

    async def close(self) -> None:
        """Nothing is held."""

    def _differs(self, request: Request) -> str:
        asked = request.messages[-1].content if request.messages else ""
        recorded = self._asked.get(request.role, [])
        if not recorded:
            why = f"it holds no replies to the {request.role}"
        elif asked in recorded:
            why = "the same text was asked with other messages before it, another seed, sampling or shape"
        else:
            why = f"its last message says {_excerpt(asked, recorded)}"
        return f"{self.name} has no reply to a request of the {request.role} ({request.hash[:8]}): {why}; record this run anew"


def _excerpt(asked: str, recorded: list[str]) -> str:
    """The first place where `asked` parts from the recorded text that is nearest to it."""
    near = max(recorded, key=lambda text: _shared(asked, text))
    at = max(0, _shared(asked, near) - 20)
    new, old = (" ".join(text[at : at + _SHOWN].split()) for text in (asked, near))
    return f"{new!r}, where the nearest one recorded says {old!r}"


def _shared(a: str, b: str) -> int:
    """How many characters two texts begin with in common."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _recorded(request: Request, answered: Reply, model: str) -> dict[str, JSON]:
    u = answered.usage
    return {
        "request": request.hash,
        "role": request.role,
        "model": model,
        "messages": [[m.role, m.content] for m in request.messages],
        "text": answered.text,
        "stop": answered.stop,
        "usage": [u.calls, u.prompt_tokens, u.cached_tokens, u.completion_tokens, u.cost_usd, u.seconds],
    }


def _line(row: dict[str, JSON]) -> str:
    # ASCII: a message may hold halves of characters, which no file takes.
    return json.dumps(row, separators=(",", ":")) + "\n"


def _appending(path: Path) -> TextIOWrapper:
    try:
        # Root may write a file that its owner made read-only, and should not.
        if path.exists() and not path.stat().st_mode & 0o222:
            raise PermissionError(errno.EACCES, "it is read-only")
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise BadSetting(f"{path} cannot be written ({error.strerror}); name another file to record to") from None
    there = path.read_bytes()
    # What a killed process left half written is no reply.
    file.truncate(there.rfind(b"\n") + 1)
    if b"\n" not in there:
        file.write(_line(_HEADER))
        file.flush()
    return file


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """The replies in a recording. A last line that was cut off when its process died is passed over."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read ({getattr(error, 'strerror', None) or 'it is not text'})") from None
    *whole, _ = lines
    if not whole or _object(whole[0]) != _HEADER:
        if any(line.strip() for line in lines):
            raise BadInput(f"{path} is no recording of ace; one is made with --record {path}")
        return
    for number, line in enumerate(whole[1:], start=2):
        row = _object(line)
        if not _is_row(row):
            raise BadInput(f"{path}, line {number}: not a recorded reply")
        yield row


def _object(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def _is_row(row: dict[str, Any]) -> bool:
    texts = all(isinstance(row.get(name), str) for name in ("request", "role", "text"))
    usage, messages = row.get("usage"), row.get("messages")
    pairs = isinstance(messages, list) and all(isinstance(m, list) and len(m) == 2 for m in messages)
    return texts and pairs and isinstance(usage, list) and len(usage) == 6 and row.get("stop") in get_args(Stop)
