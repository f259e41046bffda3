"""A model in this process, and sequences that it reads in one batch.

`Weights` is what is loaded once; `Streams` are the sequences that a decoding keeps, each with its cache. All calls of one
object are made from one thread at a time.
"""

from __future__ import annotations

import ctypes as c
import math
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ace.errors import BadInput, BadSetting, ModelError
from ace.models.contract import Message
from ace.models.loading import loading
from ace.models.proxy.gguf import ModelHeader, header
from ace.models.proxy.llama import TokenBatch, library, unknown_release
from ace.models.proxy.template import conversation

CONTEXT = 8192
"""Tokens of one sequence, prompt and reply, unless the model was trained on fewer."""
_PART = 64
"""Tokens of a prompt evaluated at a time. A prompt is always cut at the same places, because what llama.cpp computes of a token
depends in its last digits on how many are computed with it; so a reply is the same whether or not the beginning of its prompt
was in the cache."""


Before = Callable[[], None]
"""Called before each evaluation; what it raises ends the work."""


Take = Callable[[int, Any], None]
"""Given the number of a sequence, and a pointer to the logits of its next token."""


def nothing() -> None:
    """Go on."""


class Weights:
    """The model in the file at `path`, computed by `threads` (0: one for each core), with up to `context` tokens in a sequence
    (0: `CONTEXT`). Raises `BadInput` for a file that holds none, and `BadSetting` without llama.cpp."""

    def __init__(self, path: Path, threads: int = 0, context: int = 0) -> None:
        self.threads, self._context = threads or cores(), context or CONTEXT
        self.header: ModelHeader = header(path)
        self._call = library().call
        loading(path)
        self._model = self._call.llama_model_load_from_file(os.fsencode(path), self._call.llama_model_default_params())
        if not self._model:
            raise BadInput(
                f"{path} cannot be loaded by llama.cpp: damaged, too large for the memory, or of a kind it does not know"
            )
        self._vocabulary = self._call.llama_model_get_vocab(self._model)
        self.size: int = self._call.llama_vocab_n_tokens(self._vocabulary)
        fixed = self._call.llama_model_is_recurrent(self._model) or self._call.llama_model_is_hybrid(self._model)
        self.rewinds = not fixed
        """Whether tokens can be taken back one by one."""

    @property
    def handle(self) -> Any:
        """What llama.cpp knows the model by. Raises `BadSetting` once it is closed."""
        if not self._model:
            raise BadSetting(f"{self.header.path.name} is closed")
        return self._model

    @property
    def context(self) -> int:
        """Tokens that one sequence may have."""
        return min(self._context, self.header.context or self._context)

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """The tokens of `messages` in the model's own chat template, up to the beginning of the reply."""
        text = conversation(self.header, messages)
        begun = bool(self.header.bos) and text.startswith(self.header.bos)
        return self.tokens(
            text, special=not begun and bool(self._call.llama_vocab_get_add_bos(self._vocabulary)), template=True
        )

    def tokens(self, text: str, *, special: bool = False, template: bool = False) -> list[int]:
        """The tokens of `text`: with the token that begins every text if `special`, and marks such as `<|im_end|>` read as the
        tokens they name if it is a filled `template`."""
        data = text.encode("utf-8", "replace")
        found = (c.c_int32 * (len(data) + 8))()
        count = self._call.llama_tokenize(self._vocabulary, data, len(data), found, len(found), special, template)
        return found[:count]

    def piece(self, token: int) -> bytes:
        """The text of `token`, which may be part of a character; nothing for a mark."""
        buffer = c.create_string_buffer(1024)
        length = self._call.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(length, 0)]

    def ends(self, token: int) -> bool:
        """Whether `token` ends a reply."""
        return bool(self._call.llama_vocab_is_eog(self._vocabulary, token))

    def close(self) -> None:
        if self._model:
            self._call.llama_model_free(self._model)
            self._model = None


class Streams:
    """`count` sequences of one model, of up to `context` tokens each, that are evaluated together: what one of them is
    computed from is read once for all of them. Raises `BadInput` where there is no memory for them."""

    def __init__(self, weights: Weights, count: int, context: int = 0, *, before: Before = nothing) -> None:
        self._weights, self._call, self._before = weights, library().call, before
        self.context = context or weights.context
        asked = self._call.llama_context_default_params()
        asked.n_ctx, asked.n_batch, asked.n_seq_max = self.context * count, _PART, count
        self._handle = self._call.llama_init_from_model(weights.handle, asked)
        if not self._handle:
            raise BadInput(f"there is no memory for {count} sequences of {self.context:,} tokens of {weights.header.path.name}")
        made = self._call.llama_n_seq_max(self._handle), self._call.llama_n_batch(self._handle)
        # The size of the context may be rounded up.
        if made != (count, _PART) or self._call.llama_n_ctx_seq(self._handle) < self.context:
            self.close()
            raise unknown_release()
        self._call.llama_set_n_threads(self._handle, weights.threads, weights.threads)
        self._held: list[list[int]] = [[] for _ in range(count)]
        self._parts = [0] * count
        self._begins: list[tuple[list[int], list[float]]] = [([], [])] * count
        """The last prompt of each sequence, and the logits that it ended with: options are asked about one after the other."""
        self._room = _Room(count)
        # A state that cannot be taken back cannot be tried out either.
        self._together = None if count > 1 and weights.rewinds else True
        self.read = 0
        """Tokens evaluated so far; those found in the cache are not."""

    def begin(self, prompts: Sequence[Sequence[int]]) -> list[list[float]]:
        """The logits of the first token of the reply to each of `prompts`, one for each sequence, none of them empty. What a
        sequence holds already of the beginning of its prompt is not read again. Raises `ModelError` for one too long."""
        for prompt in prompts:
            require_room(self._weights.header, len(prompt), self.context)
        return [self._begun(s, prompt) for s, prompt in enumerate(prompts)]

    def _begun(self, s: int, prompt: Sequence[int]) -> list[float]:
        held, (before, row) = self._held[s], self._begins[s]
        if self._weights.rewinds and before == [*prompt] and held[: len(before)] == before:
            self.cut(s, len(before))
            return [*row]
        bound = min(self._parts[s] * _PART, len(held), len(prompt) - 1)
        same = next((n for n in range(bound) if held[n] != prompt[n]), bound)
        self.cut(s, same - same % _PART)
        self._parts[s] = len(prompt) // _PART
        row = []
        for at in range(len(held), len(prompt), _PART):
            part = prompt[at : at + _PART]
            last = at + len(part) == len(prompt)
            wanted = [(token, s, last and n == len(part) - 1) for n, token in enumerate(part)]
            self._evaluate(wanted, lambda s, logits: row.extend(logits[: self._weights.size]))
        self._begins[s] = [*prompt], [*row]
        return row

    def cut(self, s: int, length: int) -> None:
        """Leave the first `length` tokens of sequence `s`; none where the model's state cannot be taken back in part."""
        memory = self._call.llama_get_memory(self._handle)
        if length < len(self._held[s]) and not self._call.llama_memory_seq_rm(memory, s, length, -1):
            self._call.llama_memory_seq_rm(memory, s, -1, -1)
            length = 0
        del self._held[s][length:]

    def step(self, token: int) -> list[list[float]]:
        """Append `token` to each sequence: the logits of the next one. Raises `ModelError` where there is no room for it."""
        rows: list[list[float]] = []
        self.passing(token, lambda s, logits: rows.append(logits[: self._weights.size]))
        return rows

    def passing(self, token: int, take: Take) -> None:
        """The same with the logits given to `take` where they lie, with the number of their sequence, in order; they are
        overwritten by the next evaluation."""
        if self._together is None and self.left > 1:
            self._together = self._is_better_together(token)
        self._stepped(token, self._together is not False, take)

    def _stepped(self, token: int, together: bool, take: Take) -> None:
        wanted = [(token, s, True) for s in range(len(self._held))]
        for part in [wanted] if together else [[one] for one in wanted]:
            self._evaluate(part, take)

    def _is_better_together(self, token: int) -> bool:
        """Whether one batch for all sequences is faster than one for each, and gives the same to the last bit. What is so
        depends on the processor and on how the weights are stored: llama.cpp has other code for one token than for two.
        Processor time is compared, which other work on the machine does not change."""
        took, rows = {True: math.inf, False: math.inf}, dict[bool, list[list[float]]]()
        size = self._weights.size
        for together in (True, False) * 2:
            found: list[list[float]] = []
            began = time.process_time()
            self._stepped(token, together, lambda s, logits, found=found: found.append(logits[:size]))  # type: ignore[misc]
            rows[together] = found
            took[together] = min(took[together], time.process_time() - began)
            for s, held in enumerate(self._held):
                self.cut(s, len(held) - 1)
        return took[True] < took[False] and rows[True] == rows[False]

    def back(self, count: int) -> None:
        """Take the last `count` tokens of every sequence back. Raises `ModelError` for a model that cannot."""
        if count and not self._weights.rewinds:
            raise ModelError(f"{self._weights.header.path.name} cannot take tokens back: it keeps one state", retryable=False)
        for s, held in enumerate(self._held):
            self.cut(s, len(held) - count)

    @property
    def left(self) -> int:
        """Tokens that can still be appended to every sequence."""
        return self.context - max(map(len, self._held))

    @property
    def held(self) -> int:
        """Tokens that the sequences have together."""
        return sum(map(len, self._held))

    def close(self) -> None:
        if self._handle:
            self._call.llama_free(self._handle)
            self._handle = None

    def _evaluate(self, wanted: Sequence[tuple[int, int, bool]], take: Take) -> None:
        """Evaluate at most `_PART` tokens: each with its sequence, and whether `take` is given its logits."""
        self._before()
        if self.left < 1:
            raise ModelError(f"no context is left: {self.context:,} tokens", retryable=False)
        room, held = self._room, self._held
        for n, (token, s, _) in enumerate(wanted):
            room.put(n, token, len(held[s]), s, wanted[n][2])
            held[s].append(token)
        failed = self._call.llama_decode(self._handle, room.batch(len(wanted)))
        if failed:
            # What the cache holds of these tokens is not known.
            self._call.llama_memory_clear(self._call.llama_get_memory(self._handle), True)
            for s in range(len(held)):
                held[s] = []
            raise ModelError(f"llama.cpp could not evaluate {len(wanted)} tokens (its code {failed})", retryable=False)
        self.read += len(wanted)
        for n, (_, s, logits) in enumerate(wanted):
            if logits:
                take(s, self._call.llama_get_logits_ith(self._handle, n))


class _Room:
    """Memory for one batch, used again and again."""

    def __init__(self, sequences: int) -> None:
        self._ids = [(c.c_int32 * 1)(s) for s in range(sequences)]
        self._places = [c.cast(i, c.POINTER(c.c_int32)) for i in self._ids]
        self._tokens, self._positions = (c.c_int32 * _PART)(), (c.c_int32 * _PART)()
        self._counts, self._logits = (c.c_int32 * _PART)(*[1] * _PART), (c.c_int8 * _PART)()
        self._sequences = (c.POINTER(c.c_int32) * _PART)()

    def put(self, n: int, token: int, position: int, sequence: int, logits: bool) -> None:
        self._tokens[n], self._positions[n], self._logits[n] = token, position, logits
        self._sequences[n] = self._places[sequence]

    def batch(self, count: int) -> TokenBatch:
        return TokenBatch(count, self._tokens, None, self._positions, self._counts, self._sequences, self._logits)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def require_room(model: ModelHeader, tokens: int, context: int) -> None:
    """Raise `ModelError` for a prompt that leaves no room for a reply."""
    if tokens >= context:
        raise ModelError(
            f"the prompt exceeds the context size of {model.path.name}: {tokens:,} tokens of {context:,}", retryable=False
        )
