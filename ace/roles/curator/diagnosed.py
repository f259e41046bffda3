"""The new attempts, each with its diagnosis."""

from __future__ import annotations

from ace.models import layout
from ace.types import Episode, Reflection

_LEAST = 60
"""Characters of an item that are kept however often the evidence is halved."""


def diagnosed(episode: Episode, r: Reflection, numbers: dict[str, int], halvings: int) -> str:
    number = numbers[episode.id] = len(numbers) + 1
    used = " ".join(f"[{c}]" for c in episode.cited) or layout.NO_BULLET
    rows = [
        ("situation", r.situation),
        ("done", r.choice),
        ("diagnosis", r.diagnosis),
        ("lesson", r.lesson),
        ("the environment said", layout.item(episode.outcome.feedback, 200)),
    ]
    lines = [f"{name}: {layout.item(text, _half(text, halvings))}" for name, text in rows if text]
    return "\n".join([f"## #{number} {episode.outcome.verdict.value}, used {used}", *lines])


def _half(text: str, halvings: int) -> int:
    """The characters of an item that are kept."""
    return max(min(layout.MAX_LINE, len(text)) >> halvings, _LEAST) if halvings else layout.MAX_LINE
