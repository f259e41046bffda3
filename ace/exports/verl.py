"""Rows as verl reads them (docs, "Prepare data for post-training"): `data_source`, `prompt`, `ability`, `reward_model` with
`style` and `ground_truth`, `extra_info`. verl reads JSON Lines beside Parquet.
"""

from __future__ import annotations

from collections.abc import Iterator

from ace.exports.rows import Conversations, Row
from ace.exports.trl import prompts
from ace.types import Split

NONE = "no task was won, so there is no answer to compare with"
"""Why there may be no rows of attempts that leave."""


def rows(lines: Conversations, split: Split) -> Iterator[Row]:
    """A row for each task and prompt that was won in one of the stored attempts: the last action of that attempt is the ground
    truth, because the store knows no other."""
    index = 0
    for line, group, answer in prompts(lines, split):
        if not any(group.won):
            continue
        about = lines.origin.of_prompt(line)
        source = about.pop("environment") or "ace"
        yield {
            "data_source": source,
            "prompt": [*line.dialogue.opening],
            "ability": about["kind"] or source,
            "reward_model": {"style": "rule", "ground_truth": answer},
            "extra_info": {
                "index": index,
                **about,
                "seed": line.attempt.episode.seed,
                "attempts": len(group.won),
                "won": sum(group.won),
            },
        }
        index += 1
