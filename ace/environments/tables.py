"""Rows of a file as objects, from any of these forms: JSON Lines, a JSON array, CSV (comma, semicolon, tab, bar), gzip of any.

The form is read off the first bytes, because names lie; rows are streamed in every form. A form that cannot be read is refused
by its own name, with what would be accepted.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from ace.bounds import why_unread
from ace.errors import BadInput

LONGEST_LINE = 8 * 2**20
"""Bytes of one row."""
ACCEPTED = "JSON Lines, a JSON array of objects, or CSV (also tab- or semicolon-separated), in UTF-8, gzip or not"
_GZIP = b"\x1f\x8b"
_KNOWN = (
    (b"PAR1", "Parquet"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"PK\x05\x06", "a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"ARROW1", "Arrow"),
    (b"SQLite format 3", "an SQLite database"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"%PDF", "PDF"),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CHUNK = 1 << 16
_LINE_END = re.compile(rb"(?<=\n)|(?<=\r)(?=[^\n])")
"""Behind LF, and behind a CR that no LF follows; one at the end of what was read waits for what follows."""
Parse = Callable[[str], Any]


def read_objects(path: Path, parse: Parse, decoder: json.JSONDecoder, columns: Sequence[str]) -> Iterator[tuple[int, Any]]:
    """Each row of `path` with its line, as JSON gives it; of CSV an object of texts. `columns` must be in a CSV's header.
    Raises `BadInput` with file and line."""
    with _opened(path) as file:
        head = _head(path, file)
        first = head.decode("utf-8-sig", errors="replace").lstrip()[:1]
        if first == "[":
            yield from _array(path, file, decoder)
        elif first in ("{", ""):
            yield from _json_lines(path, file, parse)
        else:
            yield from _csv(path, file, columns)


@contextmanager
def _opened(path: Path) -> Iterator[io.BufferedReader]:
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == _GZIP
            with gzip.open(raw) if packed else raw as file:
                yield io.BufferedReader(file, _CHUNK) if packed else raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(f"{path} is a gzip file that is broken or cut off: {error}") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from error


def _head(path: Path, file: io.BufferedReader) -> bytes:
    head = file.peek(_CHUNK)[:_CHUNK]
    known = next((name for magic, name in _KNOWN if head.startswith(magic)), "")
    if known:
        raise BadInput(f"{path} is {known}; it must be {ACCEPTED}")
    # Of two bytes for a character that is mostly Latin, one and always the same one is zero.
    first, second = (head[at:200:2].count(0) for at in (0, 1))
    if head.startswith(_UTF16) or (not (first and second) and (first + second) * 3 > len(head[:200])):
        raise BadInput(f"{path}, line 1: this is not UTF-8 text but UTF-16; save it as UTF-8")
    return head


def _json_lines(path: Path, file: BinaryIO, parse: Parse) -> Iterator[tuple[int, Any]]:
    for number, line in text_lines(path, file):
        if line.strip():
            yield number, parsed(path, number, partial(parse, line))


def parsed(path: Path, number: int, read: Callable[[], Any]) -> Any:
    """The value that `read` returns. Raises `BadInput` with the line where it is not JSON."""
    where = f"{path}, line {number}"
    try:
        return read()
    except json.JSONDecodeError as error:
        raise BadInput(f"{where}: this is not JSON: {error.msg} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise BadInput(f"{where}: this cannot be used: it is nested too deeply") from error
    except ValueError as error:
        raise BadInput(f"{where}: this cannot be used: {why_unread(error)}") from error


def text_lines(path: Path, file: BinaryIO) -> Iterator[tuple[int, str]]:
    """The lines of a file with their numbers from 1, ended by LF, CR LF or CR. Raises `BadInput` for a line that is too
    long or not text."""
    number, held, size, carried = 1, list[bytes](), 0, b""
    while raw := file.readline(_CHUNK):
        # Of a line that is not at its end the beginning is not looked at again, but for a CR, behind which LF may follow.
        *ended, rest = _LINE_END.split(carried + raw)
        for line in ended:
            yield number, _decoded(path, number, b"".join([*held, line]))
            number, held, size = number + 1, [], 0
        carried = rest[-1:] if rest.endswith(b"\r") else b""
        held.append(rest.removesuffix(carried) if carried else rest)
        size += len(held[-1])
        _refuse_long(path, number, size)
    if last := b"".join([*held, carried]):
        yield number, _decoded(path, number, last)


def _decoded(path: Path, number: int, raw: bytes) -> str:
    if b"\0" in raw:
        raise BadInput(f"{path}, line {number}: this is binary; it must be {ACCEPTED}")
    _refuse_long(path, number, len(raw))
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}, line {number}: this is not UTF-8 text (byte {error.start + 1} of the line)") from error


def _refuse_long(path: Path, number: int, size: int) -> None:
    if size > LONGEST_LINE:
        raise BadInput(f"{path}, line {number}: the line is longer than {LONGEST_LINE >> 20} MiB")


class _Pieces:
    """The text of a file, piece by piece, as it may be one line. What was used is dropped. Raises `BadInput` for no text."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self.text, self.at, self.line = "", 0, 1

    def more(self) -> bool:
        """Take in as much again as is there; False where the file has ended."""
        raw = self._file.read(max(_CHUNK, len(self.text) - self.at))
        rest = self.text[self.at :]
        try:
            self.text, self.at = rest + self._decoder.decode(raw, final=not raw), 0
        except UnicodeDecodeError as error:
            line = self.line + rest.count("\n") + raw.count(b"\n", 0, error.start)
            raise BadInput(f"{self._path}, line {line}: this is not UTF-8 text") from error
        return bool(raw)

    def sign(self) -> str:
        """The next character that is not a blank; empty at the end."""
        while True:
            rest = self.text[self.at :].lstrip() if self.at < len(self.text) else ""
            if rest:
                self.move(len(self.text) - len(rest))
                return rest[0]
            self.move(len(self.text))
            if not self.more():
                return ""

    def move(self, to: int) -> None:
        self.line += self.text.count("\n", self.at, to)
        self.at = to


def _array(path: Path, file: BinaryIO, decoder: json.JSONDecoder) -> Iterator[tuple[int, Any]]:
    pieces = _Pieces(path, file)
    pieces.sign()
    pieces.move(pieces.at + 1)
    sign = pieces.sign()
    while sign != "]":
        line = pieces.line
        yield line, parsed(path, line, partial(_value, pieces, decoder))
        sign = pieces.sign()
        if sign not in (",", "]"):
            raise BadInput(f"{path}, line {pieces.line}: this is not JSON: the array goes on without a comma or does not end")
        if sign == ",":
            pieces.move(pieces.at + 1)
            if pieces.sign() == "]":
                raise BadInput(f"{path}, line {pieces.line}: this is not JSON: a comma before the end of the array")
    pieces.move(pieces.at + 1)
    if pieces.sign():
        raise BadInput(f"{path}, line {pieces.line}: something stands behind the end of the JSON array")


def _value(pieces: _Pieces, decoder: json.JSONDecoder) -> Any:
    while True:
        try:
            value, end = decoder.raw_decode(pieces.text, pieces.at)
        except json.JSONDecodeError as error:
            if len(pieces.text) - pieces.at > LONGEST_LINE:
                raise ValueError(f"the row is longer than {LONGEST_LINE >> 20} MiB") from None
            if not pieces.more():
                at = pieces.at
                raise json.JSONDecodeError(error.msg, pieces.text[at : at + 100_000], max(error.pos - at, 0)) from None
            continue
        if end < len(pieces.text) or not pieces.more():
            pieces.move(end)
            return value


def _csv(path: Path, file: BinaryIO, columns: Sequence[str]) -> Iterator[tuple[int, Any]]:
    csv.field_size_limit(LONGEST_LINE)
    lines = (line for _, line in text_lines(path, file))
    first = next(line for line in lines if line.strip())
    sign = max(",;\t|", key=_outside_quotes(first).count)
    # A quoted cell may go on in the next line, so the reader is given the first line back.
    reader = csv.reader(_chained(first, lines), delimiter=sign, strict=True)
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            if not header:
                header = [cell.strip() for cell in cells]
                _refuse_header(path, header, columns)
            elif len(cells) > 1 or (cells and (cells[0].strip() or len(header) == 1)):
                if len(cells) != len(header):
                    raise BadInput(f"{path}, line {line}: the row has {len(cells)} cells, and the header has {len(header)}")
                yield line, dict(zip(header, cells, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadInput(f"{path}, line {line}: this row of CSV cannot be read: {error}") from error


def _chained(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _refuse_header(path: Path, header: Sequence[str], columns: Sequence[str]) -> None:
    twice = next((name for name in header if name and header.count(name) > 1), "")
    if twice:
        raise BadInput(f"{path}, line 1: the column {twice!r} stands twice; give one of them another name")
    for wanted in columns:
        if wanted not in header:
            has = ", ".join(repr(name if len(name) <= 60 else name[:57] + "...") for name in header[:20])
            raise BadInput(
                f"{path}, line 1: read as CSV, it has no column {wanted!r}; it has {has}; "
                "name the columns with prompt=COLUMN and answer=COLUMN"
            )
