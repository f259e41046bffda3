"""Standard output and standard error as the commands see them.

Both are wrapped once, when the command line begins. A write of any library that fails (a full disk, a reader that left, a
closed stream) is remembered and never raised, so printing cannot decide whether work succeeded: it decides the exit status
only where what was printed is all that the command was asked for. Control characters are made visible, unless our console wrote
them, which did that before layout.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TextIO

from ace.errors import WorldError
from ace.playbooks.visible import visible


class Closed(OSError):
    """The stream was closed before the program began."""

    def __init__(self) -> None:
        super().__init__(errno.EBADF, "standard output is closed")


class Output(io.TextIOBase):
    """A stream that takes every text. `fault` is the first error of writing; what comes after it is dropped."""

    only_tells = False
    """True once the work is done and kept elsewhere, so that what is printed only tells of it."""

    def __init__(self, stream: TextIO | None, *, filtered: bool = True) -> None:
        self._stream, self._filtered = stream, filtered
        self._exact = Output(stream, filtered=False) if filtered else self
        self._fault: Exception | None = None
        if filtered and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    @property
    def fault(self) -> Exception | None:
        return self._fault or (self._exact.fault if self._exact is not self else None)

    @property
    def rich_proxied_file(self) -> Output:
        """Where rich's consoles write, by rich's own name for it: their colours are control characters and must stay."""
        return self._exact

    @property
    def exact(self) -> Output:
        """The same stream for a text whose every character must stay."""
        return self._exact

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "backslashreplace"

    def take_all_characters(self) -> None:
        """Write in UTF-8 from here on, unless the stream's own encoding has all characters too."""
        if isinstance(self._stream, io.TextIOWrapper):
            try:
                "\U0001f600".encode(self.encoding)
            except UnicodeEncodeError:
                self._stream.reconfigure(encoding="utf-8")

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        try:
            return self._stream is not None and self._stream.isatty()
        except ValueError:
            return False

    def fileno(self) -> int:
        if self._stream is None:
            raise io.UnsupportedOperation("this stream was closed before the program began")
        return self._stream.fileno()

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self._stream is None:
            self._fault = Closed() if text else self._fault
        elif self.fault is None:
            try:
                self._stream.write(visible(text) if self._filtered else text)
            except (OSError, ValueError) as error:
                self._give_up(error)
        return len(text)

    def flush(self) -> None:
        if self._stream is not None and self.fault is None:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._give_up(error)

    def _give_up(self, fault: Exception) -> None:
        """Remember `fault`, and let what is still buffered go nowhere, so that Python does not complain of it at exit."""
        self._fault = fault
        with suppress(OSError, ValueError):
            own = self.fileno()
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, own)
            os.close(nowhere)


def wrap_streams() -> None:
    """Wrap `sys.stdout` and `sys.stderr`. A standard stream that was closed before the program began is opened on nothing, so
    that no file of ours, such as the store, takes its number and is written to by what prints."""
    with suppress(OSError):
        while (spare := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(spare)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if not isinstance(stream, Output):
            _wait_for_room(stream)
            setattr(sys, name, Output(None if stream is None or stream.closed else stream))


def _wait_for_room(stream: TextIO | None) -> None:
    """Let writing wait where another program set the terminal or pipe not to, so that a full one loses nothing."""
    with suppress(OSError, ValueError, AttributeError):
        if stream is not None:
            os.set_blocking(stream.fileno(), True)


def exact(stream: TextIO) -> TextIO | Output:
    """`stream` as a stream that changes no character."""
    return stream.exact if isinstance(stream, Output) else stream


def complaint() -> str:
    """Why standard output did not take all that was printed, in words; empty where it did, where its reader left (`| head` has
    seen enough), and where it was closed before work that is kept elsewhere (a person wanted to read nothing of it)."""
    fault = _fault()
    if isinstance(fault, BrokenPipeError | None) or (isinstance(fault, Closed) and only_tells()):
        return ""
    if isinstance(fault, OSError) and fault.errno == errno.ENOSPC:
        return "the output could not be written: the disk it goes to is full"
    return f"the output could not be written: {getattr(fault, 'strerror', None) or fault}"


def work_is_kept() -> None:
    """Say that what was asked for is done and kept, in the store or in a file: what standard output does not take changes no
    exit status from here on."""
    if isinstance(sys.stdout, Output):
        sys.stdout.only_tells = True


def only_tells() -> bool:
    """Whether what is printed only tells of work that is kept elsewhere."""
    return isinstance(sys.stdout, Output) and sys.stdout.only_tells


def write_stdout(text: str | Iterable[str]) -> None:
    """Write `text`, or its pieces, to standard output, where that is all of the work: to the byte where it is piped, and in
    UTF-8, as files are written and read, where its encoding has not all characters; visible on a terminal. Raises `WorldError`
    where it was not taken, unless the reader left, who has seen enough."""
    to = sys.stdout if sys.stdout.isatty() else _complete(exact(sys.stdout))
    for piece in [text] if isinstance(text, str) else text:
        to.write(piece)
        if _fault() is not None:
            break
    sys.stdout.flush()
    if why := complaint():
        raise WorldError(why)


def _complete(stream: TextIO | Output) -> TextIO | Output:
    if isinstance(stream, Output):
        stream.take_all_characters()
    return stream


def _fault() -> Exception | None:
    return sys.stdout.fault if isinstance(sys.stdout, Output) else None
