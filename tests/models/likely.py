"""A model server that has a language model: a small one, whose probabilities are known, over pieces of words.

It writes one of the phrases that it weighs, and each token has the probability that these weights give it. So the
log-probability of a phrase is that of its weight, and whoever asks for it by any way has to find that.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from ace.models.contract import Message, Request, Sampling
from ace.models.novice.acting import act
from ace.types import derive_seed
from tests.models.server import Body, ModelServer, answer, status, usage

Weights = Mapping[str, float]
_PIECE = re.compile(r" ?\S{1,4}|\s+")
_OTHER = "Well"
"""How everything else begins that it might write."""
_END = ""


def pieces(text: str) -> list[str]:
    """The tokens of `text`."""
    return _PIECE.findall(text)


class LikelyServer(ModelServer):
    """Speaks as `kind` does: `llama.cpp`, `vllm`, `plain` (the log-probabilities of 20 tokens, and no more), `none` (the
    parameters are ignored). `weighs` gives the weight of each phrase after a conversation; what they lack to 1 is all else."""

    def __init__(self, kind: str, weighs: Callable[[Body], Weights], **more: Any) -> None:
        super().__init__(**more)
        self.kind, self.weighs, self.always = kind, weighs, self._likely
        self._ids: dict[str, int] = {}
        self._texts: dict[int, str] = {}

    def scored(self) -> list[dict[str, Any]]:
        """The bodies of the requests that asked for log-probabilities."""
        return [b for b in self.bodies if "logprobs" in b or "prompt_logprobs" in b]

    def tells(self, path: str) -> Any:
        return {"version": "0.11.0"} if self.kind == "vllm" and path == "/version" else None

    async def _likely(self, body: Body) -> web.StreamResponse:
        if "content" in body:
            if self.kind != "llama.cpp":
                return await status(404, "Not Found")(body)
            return web.json_response({"tokens": [self._id(t) for t in pieces(str(body["content"]))]})
        if self.kind == "none" or ("logprobs" not in body and "prompt_logprobs" not in body):
            return await self.by_chance(body)
        if self.kind != "llama.cpp" and body.get("top_logprobs", 0) > 20:
            return await status(400, "top_logprobs must be at most 20")(body)
        self.counts.calls += 1
        return web.json_response(self._completion(body))

    def _completion(self, body: Body) -> dict[str, Any]:
        asked, last = body["messages"], body["messages"][-1]
        weights = self.weighs({**body, "messages": [m for m in asked if m is not last or m["role"] != "assistant"]})
        made = answer("", "length", usage(len(json.dumps(asked)) // 4, int(body["max_tokens"])))
        begun = pieces(str(last["content"])) if body.get("continue_final_message") else []
        if self.kind == "vllm" and "prompt_logprobs" in body:
            template = [None, {"1": {"logprob": -3.0, "rank": 9, "decoded_token": "<user>"}}]
            made["prompt_logprobs"] = [*template, *self._read(weights, begun)]
        if body.get("logprobs"):
            forced = re.findall(r"<\[(\d+)\]>", str(body.get("grammar", ""))) if self.kind == "llama.cpp" else []
            made["choices"][0]["logprobs"] = {"content": self._written(weights, begun, [int(f) for f in forced], body)}
        return made

    def _read(self, weights: Weights, tokens: Sequence[str]) -> list[dict[str, Any]]:
        rows = []
        for n, token in enumerate(tokens):
            logprob = math.log(_next(weights, tokens[:n]).get(token, 1e-6))
            rows.append({str(self._id(token)): {"logprob": logprob, "rank": 1, "decoded_token": token}})
        return rows

    def _written(self, weights: Weights, begun: Sequence[str], forced: Sequence[int], body: Body) -> list[dict[str, Any]]:
        before, rows = list(begun), []
        for n in range(int(body["max_tokens"])):
            likely = _next(weights, before)
            token = self._texts[forced[n]] if n < len(forced) else max(likely, key=lambda t: likely[t])
            ranked = sorted(likely, key=lambda t: -likely[t])[: int(body["top_logprobs"])]
            rows.append({**self._row(token, likely), "top_logprobs": [self._row(t, likely) for t in ranked]})
            before.append(token)
        return rows

    def _row(self, token: str, likely: Mapping[str, float]) -> dict[str, Any]:
        row = {"token": token, "bytes": list(token.encode()), "logprob": math.log(likely.get(token, 1e-6))}
        return {**row, "id": self._id(token)} if self.kind == "llama.cpp" else row

    def _id(self, token: str) -> int:
        id = self._ids.setdefault(token, len(self._ids) + 1)
        self._texts[id] = token
        return id


def _next(weights: Weights, before: Sequence[str]) -> dict[str, float]:
    """The probability of each next token after the tokens `before`."""
    found: dict[str, float] = {_OTHER: max(1.0 - sum(weights.values()), 1e-9)} if not before else {}
    for phrase, weight in weights.items():
        tokens = pieces(phrase)
        if tokens[: len(before)] == list(before):
            token = tokens[len(before)] if len(tokens) > len(before) else _END
            found[token] = found.get(token, 0.0) + weight
    total = sum(found.values())
    return {t: w / total for t, w in found.items()} if total else {_END: 1.0}


def as_the_novice(body: Body) -> Weights:
    """The weights of what is listed: most for what the novice would do, who has read the playbook."""
    messages = tuple(Message(m["role"], m["content"]) for m in body["messages"])
    taken = act(Request("generator", messages, None, Sampling(), derive_seed(*(m.content for m in messages))))["action"]
    listed = [line[2:] for line in messages[-1].content.splitlines() if line.startswith("- ")]
    rest = 0.2 / max(len(listed) - 1, 1)
    return {option: 0.7 if option == taken else rest for option in listed}
