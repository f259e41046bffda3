"""The `ace` command in a folder of its own, for what a run leaves behind."""

from tests.commands.conftest import ace

__all__ = ["ace"]
