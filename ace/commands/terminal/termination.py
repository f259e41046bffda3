"""SIGTERM, and the end of the terminal (SIGHUP), end a command as Ctrl-C does: what is under way is unwound, so temporary
folders and processes go with it.

Runs and experiments listen to these signals themselves while they last, to stop in good order, and their event loop sets them
back to their default when it closes.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def ending_signals() -> list[signal.Signals]:
    """The signals that end a command, without those that it was started to ignore (`nohup`)."""
    known = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    return [each for each in known if signal.getsignal(each) is not signal.SIG_IGN]


def listen_to_termination() -> None:
    """From now on these signals raise `KeyboardInterrupt`, unless something else was said about them."""
    if threading.current_thread() is not threading.main_thread():
        return
    for each in ending_signals():
        if signal.getsignal(each) is signal.SIG_DFL:
            signal.signal(each, signal.default_int_handler)


@contextmanager
def terminable() -> Iterator[None]:
    """These signals raise `KeyboardInterrupt` meanwhile, unless something else was said about them."""
    listen_to_termination()
    try:
        yield
    finally:
        for each in ending_signals():
            if signal.getsignal(each) is signal.default_int_handler:
                signal.signal(each, signal.SIG_DFL)
