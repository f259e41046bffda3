"""Java beside a process that plays: its memory bounded, started when it is first needed, and again where it died.

Libraries that speak through py4j start it as a child of theirs, which ends with its input, and so with the process.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

BOUNDS = "-XX:+UseSerialGC -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError"
"""One thread for its garbage, no files of its own; without memory it ends, which is noticed."""


class JavaLibrary:
    """What `start` gives, an object of a library with its Java. `options` are of Java, such as `-Xmx256m`; those of
    `JDK_JAVA_OPTIONS` go before."""

    def __init__(self, start: Callable[[], Any], options: str) -> None:
        self._start, self._made = start, None
        self._options = f"{options} {BOUNDS} {os.environ.get('JDK_JAVA_OPTIONS', '')}".strip()

    @property
    def library(self) -> Any:
        """The object, with a Java that runs."""
        if self._made is not None and vars(self._made)["_gateway"].java_process.poll() is not None:
            self._made = None
        if self._made is None:
            # Of this process, which does nothing but play.
            os.environ["JDK_JAVA_OPTIONS"] = self._options
            self._made = self._start()
        return self._made
