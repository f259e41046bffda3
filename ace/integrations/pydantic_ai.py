"""Pydantic AI with a playbook.

    agent = Agent("anthropic:...", capabilities=[AceCapability(playbook)])
    result = agent.run_sync("Refund for order 1182 ...")
    playbook.report(result.run_id, success=True)

A run is an attempt. The playbook is instructions, read once when the run begins, so that every request of the run sees the
same; what is taken down is what the framework says the run's new messages are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ace.installing import pip_install
from ace.integrations.calls import OpenCall, begin, quietly, require_playbook
from ace.session.playbook import Playbook

try:
    from pydantic_ai.capabilities import AbstractCapability  # type: ignore[import-not-found,unused-ignore]
except ImportError as error:
    install = pip_install("'evolving-playbook[pydantic-ai]'")
    what = f"this needs pydantic-ai-slim 1.71 or later: {install}"
    raise ImportError(f"{what} ({error})") from error


@dataclass
class AceCapability(AbstractCapability[Any]):  # type: ignore[misc,unused-ignore]
    """Shows `playbook` in the instructions of each run, and takes the run down. Inside `with playbook.episode(...)` a run
    belongs to that attempt; any other waits for its outcome: `playbook.report(result.run_id, success=...)`. Raises `BadInput`
    for another object than a playbook; runs never fail because of ace, they warn."""

    playbook: Playbook
    call: OpenCall | None = None
    """The run that this is for; `None` where it stands in an agent."""

    def __post_init__(self) -> None:
        require_playbook(self.playbook)

    async def for_run(self, ctx: Any) -> AceCapability:
        """One of these for the run that begins."""
        return replace(self, call=await asyncio.to_thread(begin, self.playbook, _text(ctx.prompt)))

    def get_instructions(self) -> str | None:
        """The playbook, for a run."""
        return (self.call.context or None) if self.call else None

    async def wrap_run(self, ctx: Any, *, handler: Any) -> Any:
        """The run, taken down when it is over."""
        result = await handler()
        if self.call is not None:
            await asyncio.to_thread(_ended, self.call, result)
        return result


def _ended(call: OpenCall, result: Any) -> None:
    with quietly("a run could not be read"):
        call.ended([line for m in result.new_messages() for line in _lines(m.parts)], str(result.run_id))


def _lines(parts: Iterable[Any]) -> Iterable[dict[str, Any]]:
    """The parts of one of the framework's messages, as chat messages."""
    for part in parts:
        if part.part_kind == "tool-call":
            given = part.args_as_json_str() if part.args else ""
            yield {"role": "assistant", "tool_calls": [{"function": {"name": part.tool_name, "arguments": given}}]}
        elif part.part_kind in _SPEAKERS and part.content:
            yield {"role": _SPEAKERS[part.part_kind], "content": _text(part.content)}


_SPEAKERS = {
    "user-prompt": "user",
    "system-prompt": "system",
    "text": "assistant",
    "tool-return": "tool",
    "retry-prompt": "tool",
}
"""Who speaks in which kind of part; other kinds (thoughts, files) are not kept."""


def _text(content: Any) -> str:
    """The text of a prompt or part that may hold images and the like too."""
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list | tuple):
        return "\n".join(_text(getattr(c, "content", c)) for c in content if isinstance(c, str) or hasattr(c, "content"))
    return str(content)
