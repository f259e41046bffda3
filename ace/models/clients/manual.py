"""`manual:DIR`: each request becomes a file in a folder, and the answer is what a person or any program writes beside it.

Files are the interface that everybody has. A request is named by its order, its role and its content, so a folder can be read
like a list, and a question that is asked again (a run that is resumed) finds the answer it already has. An answer counts once
it is whole: complete JSON, or a text that has not changed for a second.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from ace.errors import BadSetting, Interrupted, ModelError
from ace.models.clients.usage import estimated
from ace.models.contract import Model, Reply, Request
from ace.models.reached import ModelSettings, Unopened
from ace.models.replies.json_text import Unreadable, load
from ace.models.replies.parsing import reply
from ace.models.replies.structured import strict_schema
from ace.types import Usage

OFFERS = {"manual:": "opened"}
MANUAL = "manual:"
"""How the name of such a model begins."""

POLL_SECONDS = 0.2
STILL_SECONDS = 1.0
"""How long a text must have stayed the same to be taken as whole."""
_REQUEST = ".request.md"
_ANSWERS = (".answer.json", ".answer.md", ".answer.txt")
_NUMBER = re.compile(r"(\d{4,})-")
README = """This folder is a model. `ace` writes each request here and waits for the answer.

  0001-generator-1a2b3c4d5e6f.request.md     a request: what is wanted, then the messages
  0001-generator-1a2b3c4d5e6f.answer.json    its answer, written by you

Answer a request by writing a file of the same name that ends in .answer.json (or .answer.md, .answer.txt) instead of
.request.md. Requests that want JSON say so, with the schema: the answer is then one JSON object and nothing else. What is not
valid is asked again, in a new request that says what was wrong.

A program should write its answer under another name (such as 0001.tmp) and rename it. Otherwise an answer is taken once it is
complete JSON, or has not changed for a second. An empty file is not an answer.

Requests are numbered as they come; several may wait at the same time, in any order. The letters after the role stand for the
content: the same request in a later run is the same file, and finds the answer that is here. To be asked again, remove it.
"""


@dataclass(slots=True)
class _Look:
    """What was last seen of an answer: its content, and since when it has been that."""

    text: str = ""
    since: float = 0.0


class Manual:
    """The model that `folder` is. `deadline` bounds in seconds how long an answer is waited for; a request's own timeout does
    not apply to people. Raises `BadSetting` for a folder that cannot be made or written."""

    scores = False

    def __init__(self, folder: str, deadline: float | None = None) -> None:
        if not folder.strip() or "\0" in folder:
            raise BadSetting("manual: needs a folder; write manual:DIR")
        if deadline is not None and not deadline > 0:
            raise BadSetting(f"the deadline is {deadline:g}; it must be more than 0 seconds")
        self.name = f"manual:{folder}"
        self._folder, self._deadline = Path(folder).expanduser(), deadline
        self._prepare()

    def _prepare(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Root may write in a folder that its owner made read-only, and should not.
            if not self._folder.stat().st_mode & 0o222:
                raise PermissionError(errno.EACCES, "it is read-only")
            _write(self._folder / "README.txt", README)
        except OSError as error:
            reason = error.strerror or str(error)
            raise BadSetting(f"the folder {self._folder} cannot be written ({reason}); name another: manual:DIR") from None

    async def complete(self, request: Request) -> Reply:
        began = time.monotonic()
        asked = self._ask(request)
        text = await self._answer(asked, request, began)
        asked_tokens, _, said_tokens = estimated(None, None, None, request, text)
        seconds, guessed = time.monotonic() - began, asked_tokens + said_tokens
        return reply(request, text, "", Usage(1, asked_tokens, 0, said_tokens, seconds=seconds, estimated=guessed))

    async def close(self) -> None:
        """Nothing is held."""

    def _ask(self, request: Request) -> Path:
        """The file of `request`: the one that is there, or a new one with the next number."""
        ending = f"-{request.role}-{request.hash[:12]}{_REQUEST}"
        try:
            names = os.listdir(self._folder)
            there = [name for name in names if name.endswith(ending)]
            if there:
                return self._folder / min(there)
            numbers = [int(m[1]) for m in map(_NUMBER.match, names) if m]
            path = self._folder / f"{max(numbers, default=0) + 1:04d}{ending}"
            _write(path, document(request, path.name.removesuffix(_REQUEST)))
        except OSError as error:
            reason = f"no request can be written to {self._folder}: {error.strerror}"
            raise ModelError(reason, retryable=False, usage=Usage()) from None
        return path

    async def _answer(self, asked: Path, request: Request, began: float) -> str:
        stem = asked.name.removesuffix(_REQUEST)
        looks = {asked.with_name(stem + ending): _Look() for ending in _ANSWERS}
        while True:
            for path, look in looks.items():
                if _is_whole(path, look):
                    return look.text
            if request.stopping():
                raise Interrupted("interrupted")
            if self._deadline is not None and time.monotonic() - began >= self._deadline:
                usage = Usage(1, seconds=time.monotonic() - began)
                raise ModelError(f"{asked} had no answer within {self._deadline:g} seconds", retryable=False, usage=usage)
            await asyncio.sleep(POLL_SECONDS)


def _is_whole(path: Path, look: _Look) -> bool:
    """Whether the answer in `path` is there and complete; `look` then has its text."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    # Not there yet, or in the middle of being written.
    except (OSError, UnicodeDecodeError):
        return False
    if text != look.text:
        look.text, look.since = text, time.monotonic()
    if not text.strip():
        return False
    return _is_json(text) or time.monotonic() - look.since >= STILL_SECONDS


def _is_json(text: str) -> bool:
    try:
        return isinstance(load(text.strip()), dict)
    except Unreadable:
        return False


def document(request: Request, name: str) -> str:
    """A request as a text that a person can read and answer."""
    parts = [f"# Request {name}", f"The {request.role} is asked. Write the answer to `{name}.answer.json`, or see README.txt."]
    if request.response is not None:
        schema = json.dumps(strict_schema(request.response), ensure_ascii=False, indent=2)
        parts.append(f"## Wanted: one JSON object of this schema\n\n```json\n{schema}\n```")
    else:
        parts.append("## Wanted: a text")
    parts += [f"## Message {i + 1}: {m.role}\n\n{_quoted(m.content)}" for i, m in enumerate(request.messages)]
    return "\n\n".join(parts) + "\n"


def _quoted(text: str) -> str:
    """`text` as a quotation, so that nothing in it passes for a heading of the request."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines()) or ">"


def _write(path: Path, text: str) -> None:
    """Write a file so that no reader sees half of it."""
    scratch = path.with_name(f".{uuid4().hex}.tmp")
    try:
        scratch.write_text(text, encoding="utf-8", errors="replace")
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def opened(rest: str, settings: ModelSettings) -> Model:
    """The model of the folder `rest`, which is made unless nothing will be sent."""
    return Manual(rest, settings.deadline) if settings.sending else Unopened(f"manual:{rest}")
