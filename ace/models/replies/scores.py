"""Scores of options as the text of a reply, and read from it again.

A scoring is journaled, recorded and played back as any reply is, by its text. So the text holds all of it: a list of
log-probability and number of tokens for each option, and whether one option alone can be scored whole.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from ace.models.contract import Form, Reply, Request, Stop
from ace.types import OptionScore, Usage


def scores_text(scores: Sequence[OptionScore], whole: bool) -> str:
    """`scores` as the text of a reply."""
    rows = [None if s.logprob is None else [round(s.logprob, 6), s.tokens] for s in scores]
    return json.dumps({"scores": rows, "whole": whole}, separators=(",", ":"))


def scored(request: Request, text: str, stop: Stop, usage: Usage) -> Reply:
    """`text` as the reply to a `request` with options; without scores, and with the problem, where it holds none for them."""
    found = _read(text, request.options)
    if found is None:
        told = f"it has no log-probabilities of the {len(request.options)} options"
        return Reply(text, None, told, usage, Form.INVALID if text.strip() else Form.EMPTY, stop)
    scores, whole = found
    known = any(s.logprob is not None for s in scores)
    problem = "" if known else "none of the options is among the tokens whose log-probabilities came"
    return Reply(text, None, problem, usage, Form.CLEAN if known else Form.INVALID, stop, scores, whole)


def _read(text: str, options: Sequence[str]) -> tuple[tuple[OptionScore, ...], bool] | None:
    try:
        body = json.loads(text)
        rows, whole = body["scores"], body["whole"]
    except (ValueError, RecursionError, TypeError, KeyError, IndexError):
        return None
    if not isinstance(rows, list) or len(rows) != len(options) or not isinstance(whole, bool):
        return None
    found = [_score(option, row) for option, row in zip(options, rows, strict=True)]
    return None if any(s is None for s in found) else (tuple(s for s in found if s is not None), whole)


def _score(option: str, row: object) -> OptionScore | None:
    if row is None:
        return OptionScore(option)
    if not isinstance(row, list) or len(row) != 2:
        return None
    logprob, tokens = row
    number = isinstance(logprob, int | float) and not isinstance(logprob, bool) and math.isfinite(logprob)
    counted = isinstance(tokens, int) and not isinstance(tokens, bool) and tokens > 0
    return OptionScore(option, float(logprob), tokens) if number and counted else None
