"""Attempts from a file or folder: its form is read off what stands in it, unless it is named.

Everything is checked before anything is kept: `checked` reads to the end once, and what it counts is told before the second
reading stores.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ace.bounds import why_unread
from ace.environments.tables import LONGEST_LINE, read_objects
from ace.errors import BadInput, UnknownName
from ace.traces import folder, inspect_log, messages, spans
from ace.traces.attempt import PLAIN, Grading, LeftOut, PastAttempt, replied

FORMS = {
    "inspect": "a JSON log of Inspect",
    "messages": "JSON Lines (or an array) of rows with messages and an outcome",
    "otel": "OpenTelemetry GenAI spans as JSON, with evaluations",
    "transcripts": "a folder of transcripts with a CSV of outcomes",
}
"""The forms that are read, by name."""
ACCEPTED_FORMS = "; ".join(f"{name}: {what}" for name, what in FORMS.items())
_ZIP, _HEAD = b"PK\x03\x04", 1 << 16
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_JSON_STARTS = (b"{", b"[", b"\x1f\x8b")
"""An object, an array, and what is packed with gzip."""
_DECODER = json.JSONDecoder()
_NEXT = re.compile(r"[\s,]*")


@dataclass(frozen=True, slots=True)
class Source:
    """A file or folder whose form is known."""

    path: Path
    form: str
    grading: Grading = PLAIN


@dataclass(frozen=True, slots=True)
class PastFile:
    """What a source holds: attempts by verdict (`won`, `lost`, `unknown`), the names under which verdicts stand in it, and in
    words what the `unknown` have in a verdict's place, in brackets."""

    source: Source
    won: int = 0
    lost: int = 0
    unknown: int = 0
    names: tuple[str, ...] = field(default=())
    why: str = ""


def source(path: Path, form: str = "", grading: Grading = PLAIN) -> Source:
    """`path` with its form: `form` where it is named, else what stands in the file. Raises `BadInput`, `UnknownName`."""
    if form and form not in FORMS:
        raise UnknownName("form of traces", form, FORMS)
    if not path.exists():
        raise BadInput(f"{path} does not exist; accepted are {ACCEPTED_FORMS}")
    if path.is_dir():
        if form not in ("", "transcripts"):
            raise BadInput(f"{path} is a folder; the form {form} is a file, and a folder is read as transcripts")
        return Source(path, "transcripts", grading)
    if form == "transcripts":
        raise BadInput(f"{path} is a file; transcripts are a folder with a CSV of outcomes")
    with _readable(path) as file:
        if file.read(len(_ZIP)) == _ZIP:
            raise BadInput(
                f"{path} is a packed log; write it as JSON first: inspect log convert --to json --output-dir DIR {path}"
            )
    return Source(path, form or _form_of(path), grading)


def attempts(source: Source, left: LeftOut | None = None) -> Iterator[PastAttempt]:
    """The attempts of a source whose verdict is known, in their order; the others are counted. Attempts that are alike get
    numbers, because each was made; a key that the file itself gives stands in it once. Raises `BadInput` by file and line."""
    left, seen = left if left is not None else LeftOut(), Counter[str]()
    for found in _READERS[source.form](source, left):
        if found.grade.success is None:
            left.ungraded += 1
            continue
        if not replied(found.transcript):
            raise BadInput(f"{found.where}: the attempt has no reply of the agent; give its messages, with the role assistant")
        seen[found.key] += 1
        number = seen[found.key]
        if found.named and number > 1:
            raise BadInput(f"{found.where}: {found.key!r} stands in {source.path} already; each attempt is given once")
        yield found if number == 1 else _numbered(found, number)


def checked(source: Source) -> PastFile:
    """What a source holds, read to its end. Raises `BadInput` for what cannot be used, and where no verdict is known."""
    left = LeftOut()
    verdicts = Counter(a.grade.success for a in attempts(source, left))
    names = tuple(left.names)
    if not verdicts:
        wanted = f"none has an outcome{f' called {source.grading.outcome!r}' if source.grading.outcome else ''}"
        of = f"; outcomes are called {', '.join(names)}" if names else ""
        what = f"{_stand(left.ungraded)} in it, and {wanted}{left.told()}{of}" if left.ungraded else "no attempt stands in it"
        raise BadInput(f"{source.path} gives nothing to learn from: {what}; name where outcomes stand with --outcome")
    return PastFile(source, verdicts[True], verdicts[False], left.ungraded, names, left.told())


def _stand(n: int) -> str:
    return "1 attempt stands" if n == 1 else f"{n} attempts stand"


def _numbered(found: PastAttempt, number: int) -> PastAttempt:
    return replace(found, key=f"{found.key}#{number}")


def _readable(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from None


def _form_of(path: Path) -> str:
    """The form of a file, by its first JSON value."""
    _line, value = next(_values(path), (0, None))
    for name, is_one in (("inspect", inspect_log.is_log), ("otel", spans.is_spans), ("messages", messages.is_row)):
        if is_one(value):
            return name
    raise BadInput(f"{path} has none of the forms that are read: {_unlike(value)}; accepted are {ACCEPTED_FORMS}")


def _unlike(value: object) -> str:
    """Why the first JSON value of a file has no form: what is missing, where it is nearly one."""
    if not isinstance(value, dict):
        return "it holds no JSON objects"
    if isinstance(value.get("eval"), dict):
        return "it is a log of Inspect without samples"
    if name := next((n for n in messages.MESSAGES if n in value), ""):
        return f"{name} in its first row is not a list; messages must be a list of objects with role and content"
    return f"its first row has {', '.join(map(repr, list(value)[:8])) or 'no fields'}"


def _values(path: Path) -> Iterator[tuple[int, Any]]:
    """The JSON values of a file with their lines: a value a line, rows of an array, or values over many lines each, one after
    the other, as logs and printed spans are."""
    with _readable(path) as file:
        head = file.read(_HEAD)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise BadInput(f"{path} holds nothing; accepted are {ACCEPTED_FORMS}")
    if head.startswith(_UTF16) or b"\0" in start[:2]:
        raise BadInput(f"{path}, line 1: this is not UTF-8 text but UTF-16 or binary; accepted is JSON in UTF-8")
    if not start.startswith(_JSON_STARTS):
        raise BadInput(f"{path} holds no JSON object or array; accepted are {ACCEPTED_FORMS}")
    first = start.partition(b"\n")[0].strip()
    # A first line that is cut off by the head may be a row or a whole log: logs are found by their end.
    spread = start.startswith(b"{") and not first.endswith(b"}") and (b"\n" in start or _one_line(path))
    yield from _spread(path) if spread else read_objects(path, json.loads, _DECODER, ())


def _one_line(path: Path) -> bool:
    """Whether a file is one line, longer than rows are."""
    with _readable(path) as file:
        return len(file.readline(LONGEST_LINE + 1)) > LONGEST_LINE


def _spread(path: Path) -> Iterator[tuple[int, Any]]:
    """The values of a file in which each may take many lines."""
    with _readable(path) as file:
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise BadInput(f"{path} is not text in UTF-8: {error.reason} at byte {error.start}") from None
    at, line = 0, 1
    while at < len(text):
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            lost = text.count("\n", 0, getattr(error, "pos", at)) + 1
            raise BadInput(f"{path}, line {lost}: this is not JSON: {getattr(error, 'msg', why_unread(error))}") from None
        yield line, value
        after = _NEXT.match(text, end)
        line += text.count("\n", at, after.end() if after else end)
        at = after.end() if after else end


def _of_log(source: Source, left: LeftOut) -> Iterator[PastAttempt]:
    for line, value in _values(source.path):
        where = str(source.path) if line == 1 else f"{source.path}, line {line}"
        if not inspect_log.is_log(value):
            raise BadInput(f"{where}: this is not a log of Inspect: it has no eval and samples")
        yield from inspect_log.attempts(value, where, source.grading, left)


def _of_rows(source: Source, left: LeftOut) -> Iterator[PastAttempt]:
    for line, value in _values(source.path):
        where = f"{source.path}, line {line}"
        if not isinstance(value, dict):
            raise BadInput(f"{where}: this is not a JSON object; each row must be one, with messages and an outcome")
        yield messages.attempt(value, where, source.grading)


def _of_spans(source: Source, left: LeftOut) -> Iterator[PastAttempt]:
    found = (s for line, v in _values(source.path) for s in spans.spans_in(v, f"{source.path}, line {line}"))
    yield from spans.attempts(found, str(source.path), source.grading, left)


_READERS: dict[str, Callable[[Source, LeftOut], Iterator[PastAttempt]]] = {
    "inspect": _of_log,
    "messages": _of_rows,
    "otel": _of_spans,
    "transcripts": lambda source, left: folder.attempts(source.path, source.grading),
}
