"""`replay:FILE`: replies that were recorded, played back exactly; and the recorder.

A reply belongs to its request, not to its turn, so a recording is played back right at any concurrency. What failed is
recorded too, or what came of it could not be played back. A request that was not recorded is an error that names it, never a
call. A recording is JSON lines, to be read and compared.
"""

from __future__ import annotations

import errno
import json
from collections import defaultdict, deque
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any, get_args

from ace.errors import BadInput, BadSetting, ModelError, ModelRefused
from ace.models.contract import Model, Reply, Request, Stop
from ace.models.reached import ModelSettings
from ace.models.replies.parsing import reply
from ace.types import JSON, Usage

OFFERS = {"replay:": "opened"}

_HEADER: dict[str, JSON] = {"recording": "ace", "version": 1}
_SHOWN = 100


class Recording:
    """`model`, with every reply and every fault appended to `file`, which is made with the first of them. What it holds already
    is kept: a resumed run goes on with it.

    Several models may record to one file, if they share the process. Raises `BadSetting` for a file that cannot be written and
    `BadInput` for one that is not a recording."""

    def __init__(self, model: Model, file: str | Path) -> None:
        self.name, self.slots = model.name, int(getattr(model, "slots", 0))
        self._model, self._path = model, Path(file).expanduser()
        self._file: TextIOWrapper | None = None
        new = not self._path.exists()
        if not new:
            list(_rows(self._path))
        _appending(self._path).close()
        if new:
            self._path.unlink()

    async def complete(self, request: Request) -> Reply:
        try:
            answered = await self._model.complete(request)
        except ModelRefused:
            # It ends the run, and is not recorded.
            raise
        except ModelError as error:
            self._write(request, error.usage or Usage(), _fault(error))
            raise
        self._write(request, answered.usage, {"text": answered.text, "stop": answered.stop})
        return answered

    def _write(self, request: Request, usage: Usage, what: dict[str, JSON]) -> None:
        if self._file is None:
            self._file = _appending(self._path)
        self._file.write(_line(_recorded(request, self.name, usage) | what))
        self._file.flush()

    async def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        await self._model.close()


class Replay:
    """The replies and faults in `file`, each for the request it was given to, in the order they came; their usage too. Raises
    `BadInput` for a file that cannot be read or is not a recording."""

    def __init__(self, file: str) -> None:
        self.name = f"replay:{file}"
        if not file.strip():
            raise BadSetting("replay: needs a file; write replay:FILE")
        self._replies: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
        self._asked: dict[str, list[str]] = defaultdict(list)
        self._missing = ""
        self.file = Path(file).expanduser().resolve()
        for row in _folded(_rows(Path(file).expanduser())):
            self._replies[row["request"]].append(row)
            self._asked[row["role"]].append(row["messages"][-1][1] if row["messages"] else "")

    @property
    def size(self) -> int:
        """How many replies are left."""
        return sum("text" in row for rows in self._replies.values() for row in rows)

    async def complete(self, request: Request) -> Reply:
        rows = self._replies.get(request.hash)
        if not rows:
            # All that follows differs because of the first one that did.
            self._missing = self._missing or self._differs(request)
            raise ModelRefused(self._missing, usage=Usage())
        row = rows.popleft()
        usage = Usage(*row["usage"])
        if "text" in row:
            return reply(request, row["text"], row["stop"], usage)
        rows.append({**row, "usage": Usage().listed()})
        # All retries were made when it was recorded; a request without an answer has no status.
        raise ModelError(row["fault"], retryable=False, status=None if row["retryable"] else row["status"], usage=usage)

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


def _recorded(request: Request, model: str, u: Usage) -> dict[str, JSON]:
    return {
        "request": request.hash,
        "role": request.role,
        "model": model,
        "messages": [[m.role, m.content] for m in request.messages],
        "usage": u.listed(),
    }


def _fault(error: ModelError) -> dict[str, JSON]:
    return {"fault": str(error), "retryable": error.retryable, "status": error.status}


def _line(row: dict[str, JSON]) -> str:
    # ASCII: a message may hold halves of characters, which no file takes.
    return json.dumps(row, separators=(",", ":")) + "\n"


def _appending(path: Path) -> TextIOWrapper:
    try:
        # Root may write a file that its owner made read-only, and should not.
        if path.exists() and not path.stat().st_mode & 0o222:
            raise PermissionError(errno.EACCES, "it is read-only")
        file = path.open("a+", encoding="utf-8")
    except FileNotFoundError:
        why = f"the folder {path.parent} takes no new files" if path.parent.is_dir() else f"there is no folder {path.parent}"
        raise BadSetting(f"{path} cannot be written: {why}; name another file to record to") from None
    except OSError as error:
        raise BadSetting(f"{path} cannot be written ({error.strerror}); name another file to record to") from None
    there = path.read_bytes()
    # A line that a killed process left half written is removed.
    file.truncate(there.rfind(b"\n") + 1)
    if b"\n" not in there:
        file.write(_line(_HEADER))
        file.flush()
    return file


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """The replies in a recording. A last line that was cut off when its process died is passed over."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist (looked for {path.absolute()})") from None
    except IsADirectoryError:
        raise BadInput(f"{path} is a folder; a recording is a file: name one in it, such as {path / 'calls.jsonl'}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read ({getattr(error, 'strerror', None) or 'it is not text'})") from None
    *whole, _ = lines
    if not whole or _object(whole[0]) != _HEADER:
        if any(line.strip() for line in lines):
            raise BadInput(f"{path} is not a recording made by ace; one is made with ace run --record {path}")
        return
    for number, line in enumerate(whole[1:], start=2):
        row = _object(line)
        if not _is_row(row):
            raise BadInput(f"{path}, line {number}: not a recorded reply")
        yield row


def _folded(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """`rows` without the faults that a reply came after in the end: what they cost is part of what it cost. Of those that none
    came after, one is left for each request, the last."""
    failed: dict[str, dict[str, Any]] = {}
    for row in rows:
        before = failed.pop(row["request"], None)
        if before is not None:
            row["usage"] = (Usage(*before["usage"]) + Usage(*row["usage"])).listed()
        if "text" in row:
            yield row
        else:
            failed[row["request"]] = row
    yield from failed.values()


def _object(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def _is_row(row: dict[str, Any]) -> bool:
    texts = all(isinstance(row.get(name), str) for name in ("request", "role"))
    usage, messages = row.get("usage"), row.get("messages")
    pairs = isinstance(messages, list) and all(isinstance(m, list) and len(m) == 2 for m in messages)
    return texts and pairs and isinstance(usage, list) and len(usage) in (6, 7) and (_is_reply(row) or _is_fault(row))


def _is_reply(row: dict[str, Any]) -> bool:
    return isinstance(row.get("text"), str) and row.get("stop") in get_args(Stop)


def _is_fault(row: dict[str, Any]) -> bool:
    status = row.get("status")
    return (
        "text" not in row
        and isinstance(row.get("fault"), str)
        and isinstance(row.get("retryable"), bool)
        and (status is None or isinstance(status, int))
    )


def opened(rest: str, settings: ModelSettings) -> Model:
    """The recording in the file `rest`."""
    return Replay(rest)
