"""How likely a model finds each of several texts as its next message, asked of a server that speaks OpenAI's interface.

The prompt is formatted by the model's own chat template, because the chat endpoint is asked. Several texts are told apart by
the log-probabilities of the first token in which they part; one alone is scored by all of its tokens. What they have in common
is forced, where the server can be made to write or read it: llama.cpp's with a grammar of token ids (the log-probabilities
that it reports are those before the grammar), vLLM's as the beginning of the last message, with the log-probabilities of the
prompt. Of any other server the first token is all that is known.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from itertools import takewhile
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ace.models.clients.streams import whole
from ace.types import OptionScore

TOP, TOP_HERE = 20, 500
"""Log-probabilities asked for at the first token: what servers commonly allow, and more of llama.cpp's, which allows any
number."""
_MOST_TOKENS = 512
"""Tokens of one option that llama.cpp's server is made to write; of a longer one the first are scored."""
Asking = Callable[[str, str, Mapping[str, Any] | None], Awaitable[str]]
"""Ask the server for what costs nothing: method, address, body; gives the text of the answer, empty where it has none."""


class ServerKind(StrEnum):
    """What a server is, as far as that decides how it scores."""

    LLAMA = "llama.cpp"
    VLLM = "vllm"
    OTHER = "other"


@dataclass(slots=True)
class ScoringWay:
    """How one model at one address scores. `tokens` are the ids of texts that were looked up."""

    kind: ServerKind | None = None
    tokens: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether all tokens of a text can be scored."""
        return self.kind in (ServerKind.LLAMA, ServerKind.VLLM)

    async def find(self, address: str, options: Sequence[str], ask: Asking) -> None:
        """Find out what answers at `address`, and the ids of the tokens of `options` where they will be needed."""
        root = _root(address)
        if self.kind is None:
            self.kind = await _kind(root, ask)
        if self.kind is ServerKind.LLAMA:
            for option in options:
                if option not in self.tokens:
                    ids = _ids(await ask("POST", f"{root}/tokenize", {"content": option}))
                    self.tokens[option] = ids[:_MOST_TOKENS]

    def body(self, asked: Sequence[Mapping[str, Any]], options: Sequence[str]) -> dict[str, Any]:
        """What is asked about `options` after the messages `asked`."""
        several, messages = len(options) > 1, list(asked)
        if self.kind is ServerKind.LLAMA:
            forced, top = self._common(options), TOP_HERE if several else 1
            grammar = {"grammar": "root ::= " + " ".join(f"<[{id}]>" for id in forced)} if forced else {}
            if forced and several:
                # Any token may follow; which one does is not looked at.
                grammar = {"grammar": grammar["grammar"] + " .*"}
            return {"messages": messages, **_sampled(max(len(forced) + several, 1)), **grammar, **_told(top)}
        begins = common_text(options)
        if self.kind is ServerKind.OTHER or not begins:
            return {"messages": messages, **_sampled(1), **_told(TOP)}
        said = {"role": "assistant", "content": begins}
        last = {"prompt_logprobs": 0, "add_generation_prompt": False, "continue_final_message": True}
        return {"messages": [*messages, said], **_sampled(1), **last, **(_told(TOP) if several else {})}

    def read(self, text: str, options: Sequence[str]) -> list[OptionScore]:
        """The scores of `options` in the answer `text`."""
        body = whole(text)
        content = _content(body)
        if self.kind is ServerKind.LLAMA:
            return self._forced(content, options)
        begins = common_text(options)
        if self.kind is ServerKind.OTHER or not begins:
            return first_tokens(content, options)
        before = _at_the_end(body, begins)
        if len(options) == 1 or before.logprob is None:
            return [before if len(options) == 1 else OptionScore(o) for o in options]
        rests = first_tokens(content, [o[len(begins) :] for o in options])
        return [_after(before, rest, option) for rest, option in zip(rests, options, strict=True)]

    def _common(self, options: Sequence[str]) -> tuple[int, ...]:
        """The ids of the tokens that `options` begin with alike; all of one alone."""
        all_ids = [self.tokens[o] for o in options]
        same = takewhile(lambda ids: len(set(ids)) == 1, zip(*all_ids, strict=False))
        return tuple(ids[0] for ids in same)

    def _forced(self, content: Sequence[Mapping[str, Any]], options: Sequence[str]) -> list[OptionScore]:
        """The scores of `options`, of which the tokens that they have in common were written, and one more of several."""
        ids = self._common(options)
        rows = content[: len(ids)]
        found = [float(row["logprob"]) for row in rows if _is_number(row.get("logprob"))]
        if [row.get("id") for row in rows] != list(ids) or len(found) < len(ids):
            return [OptionScore(option) for option in options]
        if len(options) == 1:
            return [OptionScore(options[0], sum(found), len(ids)) if ids else OptionScore(options[0])]
        top = content[len(ids)].get("top_logprobs") if len(content) > len(ids) else None
        likely = {r.get("id"): r.get("logprob") for r in top if isinstance(r, Mapping)} if isinstance(top, list) else {}
        next_ids = [next(iter(self.tokens[o][len(ids) :]), None) for o in options]
        found_next = [likely.get(n) if n is not None and next_ids.count(n) == 1 else None for n in next_ids]
        known = [float(x) if isinstance(x, int | float) and _is_number(x) else None for x in found_next]
        return [
            OptionScore(o) if x is None else OptionScore(o, sum(found) + x, len(ids) + 1)
            for o, x in zip(options, known, strict=True)
        ]


@cache
def way(address: str, model: str) -> ScoringWay:
    """What this process knows of how `model` at `address` scores."""
    return ScoringWay()


def first_tokens(content: Sequence[Mapping[str, Any]], options: Sequence[str]) -> list[OptionScore]:
    """The scores of `options` by their first tokens. The first token of a text is the longest one that it begins with, of
    those that came. Two that begin with the same one cannot be told apart and have no score."""
    top = content[0].get("top_logprobs") if content else None
    likely: dict[str, float] = {}
    for row in top if isinstance(top, list) else []:
        if isinstance(row, Mapping) and _is_number(row.get("logprob")) and _token(row):
            likely.setdefault(_token(row), float(row["logprob"]))
    # Some models begin a message with a blank.
    begins = {o: max((t for t in likely if o.startswith((t, t.lstrip() or t))), key=len, default="") for o in options}
    shared = [*begins.values()]
    return [OptionScore(o, likely[t], 1) if t and shared.count(t) == 1 else OptionScore(o) for o, t in begins.items()]


def common_text(options: Sequence[str]) -> str:
    """The words that `options` begin with alike; all of one alone."""
    if len(options) == 1:
        return options[0]
    words = [o.split(" ") for o in options]
    same = [ws[0] for ws in takewhile(lambda ws: len(set(ws)) == 1, zip(*words, strict=False))]
    return " ".join(same)


def _after(before: OptionScore, rest: OptionScore, option: str) -> OptionScore:
    """The score of `option`, whose beginning and the token after it are scored."""
    if before.logprob is None or rest.logprob is None:
        return OptionScore(option)
    return OptionScore(option, before.logprob + rest.logprob, before.tokens + rest.tokens)


def _at_the_end(body: Any, option: str) -> OptionScore:
    """The score of `option`, the end of the prompt: its last tokens, back to the one with which it begins."""
    rows = body.get("prompt_logprobs") if isinstance(body, Mapping) else None
    text, logprobs = "", list[float]()
    for row in reversed(rows if isinstance(rows, list) else []):
        token = next(iter(row.values()), None) if isinstance(row, Mapping) else None
        if not isinstance(token, Mapping) or not _is_number(token.get("logprob")):
            return OptionScore(option)
        text = str(token.get("decoded_token") or "") + text
        logprobs.append(float(token["logprob"]))
        if text.endswith(option):
            return OptionScore(option, sum(logprobs), len(logprobs))
        if len(text) > len(option):
            return OptionScore(option)
    return OptionScore(option)


async def _kind(root: str, ask: Asking) -> ServerKind:
    if urlsplit(root).hostname == "api.openai.com":
        return ServerKind.OTHER
    if _ids(await ask("POST", f"{root}/tokenize", {"content": "a"})):
        return ServerKind.LLAMA
    told = _object(await ask("GET", f"{root}/version", None))
    return ServerKind.VLLM if isinstance(told.get("version"), str) else ServerKind.OTHER


def _root(address: str) -> str:
    """The server's own address, without the path of the interface."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/").removesuffix("/v1"), "", ""))


def _ids(text: str) -> tuple[int, ...]:
    """The ids of tokens in an answer; none where it is not such an answer."""
    listed = _object(text).get("tokens")
    found = [t.get("id") if isinstance(t, Mapping) else t for t in listed] if isinstance(listed, list) else []
    return tuple(i for i in found if isinstance(i, int)) if all(isinstance(i, int) for i in found) else ()


def _content(body: Any) -> list[Mapping[str, Any]]:
    """The tokens of a chat completion's first choice, with what is told of each."""
    choices = body.get("choices") if isinstance(body, Mapping) else None
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], Mapping) else {}
    told = choice.get("logprobs")
    rows = told.get("content") if isinstance(told, Mapping) else None
    return [r for r in rows if isinstance(r, Mapping)] if isinstance(rows, list) else []


def _token(row: Mapping[str, Any]) -> str:
    """The text of a token: of its bytes where they are there, because parts of characters have no text."""
    raw = row.get("bytes")
    if isinstance(raw, list) and all(isinstance(b, int) and 0 <= b < 256 for b in raw):
        return bytes(raw).decode("utf-8", "surrogateescape")
    return str(row.get("token") or "")


def _sampled(tokens: int) -> dict[str, Any]:
    return {"max_tokens": tokens, "temperature": 0}


def _told(top: int) -> dict[str, Any]:
    return {"logprobs": True, "top_logprobs": top}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > -1e30


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
