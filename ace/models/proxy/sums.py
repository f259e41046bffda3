"""The likeliest token of a sum of logits, computed where the logits lie.

Python takes milliseconds for a pass over a vocabulary, which is as long as a small model takes for a token; ggml, the library
under llama.cpp, takes a tenth of one. `arithmetic` says what is computed, and computes it wherever the whole row is wanted.
"""

from __future__ import annotations

import ctypes as c
from typing import Any

from ace.errors import BadInput
from ace.models.proxy.llama import GraphParams, library

_FLOAT = 0
"""ggml's number for 32-bit floats."""
_ROOM = 1 << 22
"""Bytes for the graph itself, beside its rows."""


class SumOfLogits:
    """`shown` alone where `alpha` is `None`; `bare + alpha * (shown - bare)` with one model; with `three` rows
    `base + alpha * (shown - bare)`. Rows are put in that order: shown, bare, base. Raises `BadInput` without memory."""

    def __init__(self, size: int, alpha: float | None = None, *, three: bool = False) -> None:
        self._call, self._bytes, self.alpha = library().call, 4 * size, alpha
        g = self._call
        self._context = g.ggml_init(GraphParams(10 * self._bytes + _ROOM, None, False))
        if not self._context:
            raise BadInput(f"there is no memory for the logits of {size:,} tokens")
        here = self._context
        rows = [g.ggml_new_tensor_1d(here, _FLOAT, size) for _ in range(1 if alpha is None else 2 + three)]
        self._rows = [g.ggml_get_data(row) for row in rows]
        total = rows[0]
        if alpha is not None and three:
            total = g.ggml_add(here, rows[2], g.ggml_scale(here, g.ggml_sub(here, rows[0], rows[1]), alpha))
        elif alpha is not None:
            # To the last bit one of the two where alpha is 0 or 1.
            total = g.ggml_add(here, g.ggml_scale(here, rows[1], 1 - alpha), g.ggml_scale(here, rows[0], alpha))
        best = g.ggml_argmax(here, total)
        self._graph = g.ggml_new_graph(here)
        g.ggml_build_forward_expand(self._graph, best)
        self._best = g.ggml_get_data(best)

    def put(self, place: int, logits: Any) -> None:
        """Copy the row at `logits`, a pointer."""
        c.memmove(self._rows[place], logits, self._bytes)

    def likeliest(self) -> int:
        """The token with the largest sum."""
        self._call.ggml_graph_compute_with_ctx(self._context, self._graph, 1)
        return c.c_int32.from_address(self._best).value

    def close(self) -> None:
        if self._context:
            self._call.ggml_free(self._context)
            self._context = None
