"""The `ace` command in a folder of its own, for what a strategy does in a run."""

from tests.commands.conftest import ace

__all__ = ["ace"]
