"""llama.cpp's C interface, in the shared library that the package `xllamacpp` brings.

The package's own Python interface is a server, which gives at most the log-probabilities of one distribution as JSON; here the
logits of the whole vocabulary are read where they lie. Of the structures that the interface passes by value only the first
fields of one are written, and what the library made of them is asked afterwards: a release that has moved them is refused and
not believed.
"""

from __future__ import annotations

import ctypes as c
import os
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from ace.errors import BadSetting
from ace.installing import pip_install

EXTRA = "'evolving-playbook[local]'"
"""What is installed for local models, as a shell reads it."""
_NO_INTERFACE = "this build of xllamacpp does not give llama.cpp's C interface, which proxy decoding reads logits through"
_SIZE = 1024
"""Bytes kept for a structure of settings: more than any release has needed."""


class ModelParams(c.Structure):
    """Settings of a model, as the library's own defaults fill them."""

    _fields_ = (("whole", c.c_ubyte * _SIZE),)


class ContextParams(c.Structure):
    """Settings of a context: the fields that are set here, and the rest as the library's own defaults fill it."""

    _fields_ = (
        ("n_ctx", c.c_uint32),
        ("n_batch", c.c_uint32),
        ("n_ubatch", c.c_uint32),
        ("n_seq_max", c.c_uint32),
        ("rest", c.c_ubyte * _SIZE),
    )


class GraphParams(c.Structure):
    """Memory of a ggml graph: its size, a buffer (none: its own), and whether to leave it unallocated."""

    _fields_ = (("mem_size", c.c_size_t), ("mem_buffer", c.c_void_p), ("no_alloc", c.c_bool))


class TokenBatch(c.Structure):
    """Tokens to evaluate, each with its position, its sequence, and whether its logits are wanted."""

    _fields_ = (
        ("n_tokens", c.c_int32),
        ("token", c.POINTER(c.c_int32)),
        ("embd", c.c_void_p),
        ("pos", c.POINTER(c.c_int32)),
        ("n_seq_id", c.POINTER(c.c_int32)),
        ("seq_id", c.POINTER(c.POINTER(c.c_int32))),
        ("logits", c.POINTER(c.c_int8)),
    )


_P, _I, _U, _B, _T = c.c_void_p, c.c_int32, c.c_uint32, c.c_bool, c.c_char_p
_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "llama_model_default_params": (ModelParams,),
    "llama_context_default_params": (ContextParams,),
    "llama_model_load_from_file": (_P, _T, ModelParams),
    "llama_model_free": (None, _P),
    "llama_model_get_vocab": (_P, _P),
    "llama_model_is_recurrent": (_B, _P),
    "llama_model_is_hybrid": (_B, _P),
    "llama_init_from_model": (_P, _P, ContextParams),
    "llama_free": (None, _P),
    "llama_set_n_threads": (None, _P, _I, _I),
    "llama_n_ctx_seq": (_U, _P),
    "llama_n_batch": (_U, _P),
    "llama_n_seq_max": (_U, _P),
    "llama_vocab_n_tokens": (_I, _P),
    "llama_vocab_is_eog": (_B, _P, _I),
    "llama_vocab_get_add_bos": (_B, _P),
    "llama_tokenize": (_I, _P, _T, _I, c.POINTER(_I), _I, _B, _B),
    "llama_token_to_piece": (_I, _P, _I, c.c_char_p, _I, _I, _B),
    "llama_decode": (_I, _P, TokenBatch),
    "llama_get_logits_ith": (c.POINTER(c.c_float), _P, _I),
    "llama_get_memory": (_P, _P),
    "llama_memory_clear": (None, _P, _B),
    "llama_memory_seq_rm": (_B, _P, _I, _I, _I),
    "ggml_init": (_P, GraphParams),
    "ggml_free": (None, _P),
    "ggml_new_tensor_1d": (_P, _P, c.c_int, c.c_int64),
    "ggml_get_data": (_P, _P),
    "ggml_scale": (_P, _P, _P, c.c_float),
    "ggml_add": (_P, _P, _P, _P),
    "ggml_sub": (_P, _P, _P, _P),
    "ggml_argmax": (_P, _P, _P),
    "ggml_new_graph": (_P, _P),
    "ggml_build_forward_expand": (None, _P, _P),
    "ggml_graph_compute_with_ctx": (c.c_int, _P, _P, c.c_int),
}
_LOG = c.CFUNCTYPE(None, c.c_int, c.c_char_p, c.c_void_p)


@dataclass(frozen=True, slots=True)
class Library:
    """The functions of the interface, by their names in C."""

    call: Any
    quiet: Any
    """What llama.cpp tells its log to; kept, because the library keeps only its address."""


@cache
def library() -> Library:
    """The library, loaded once in a process. Raises `BadSetting` where it is not installed, or does not give the interface."""
    let_threads_wait()
    try:
        found = import_module("xllamacpp.xllamacpp")
    except ImportError:
        raise BadSetting(f"a local model needs xllamacpp: {pip_install(EXTRA)}") from None
    try:
        loaded = c.CDLL(str(found.__file__))
        for name, (gives, *takes) in _SIGNATURES.items():
            function = getattr(loaded, name)
            function.restype, function.argtypes = gives, takes
        quiet = _LOG(lambda level, text, data: None)
        loaded.llama_log_set(quiet, None)
        loaded.llama_backend_init()
    except (OSError, AttributeError):
        raise BadSetting(_NO_INTERFACE) from None
    return Library(loaded, quiet)


def let_threads_wait() -> None:
    """Have waiting threads of OpenMP leave the processor to those that compute: six times the speed on a busy machine. OpenMP
    reads this when it is loaded."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("GOMP_SPINCOUNT", "0")


def unknown_release() -> BadSetting:
    """What is raised where the library did not take the settings as they were written."""
    return BadSetting(
        "this release of xllamacpp has another interface than the one known here; install one that is in the bounds of the "
        f"extra: {pip_install(EXTRA)}"
    )
