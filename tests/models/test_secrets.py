"""Keys come from the environment and appear nowhere else."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ace.errors import BadSetting, ModelError
from ace.journal import Journal, Journaled
from ace.memory.store import Store
from ace.models import secrets
from ace.models.contract import Sampling, never
from ace.models.replay import Recording
from tests.models.asking import Word, request
from tests.models.server import ModelServer, says, status
from tests.models.test_clients import BOTH, Opens

KEY = "q7Zp0-Rb49xLmV2sWc81"


def contents(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


@BOTH
@pytest.mark.parametrize(
    "echo", [KEY, f"...{KEY[6:]}", f"{KEY[:9]}*****", f"Bearer {KEY}", f"sk-proj-{KEY}", "sk-ab12****9xyz"]
)
async def test_a_key_that_a_provider_repeats_is_in_no_error_log_row_or_file(
    server: ModelServer,
    opens: Opens,
    echo: str,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("SOME_API_KEY", KEY)
    server.then(says('{"word": "a", "count": 1}'), status(401, f"Incorrect API key provided: {echo}. Get one at our site."))
    run = store.start_run({"model": "m"})
    bare = opens(server)
    recording = Recording(bare, tmp_path / "r")
    model = Journaled(recording, Journal(store, run.id, never), "e-1")
    await model.complete(request(Word))
    with pytest.raises(ModelError) as caught:
        await model.complete(request(Word))
    await recording.close()
    said = str(caught.value)
    assert "Incorrect API key provided: " in said
    assert "SOME_API_KEY" in said or "OPENAI_API_KEY" in said
    stored = contents(tmp_path)
    places = [
        said,
        repr(caught.value),
        repr(caught.value.__cause__),
        repr(caught.value.__context__),
        caplog.text,
        repr(bare.client),
    ]
    for part in (KEY[:9], KEY[6:], "9xyz"):
        assert not any(part in place for place in places)
        assert part.encode() not in stored


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40), st.text(), st.text(), st.data())
def test_no_eight_characters_of_a_key_in_a_row_pass(key: str, before: str, after: str, data: st.DataObject) -> None:
    # That word is a key to nothing.
    assume(key.lower() != "placeholder")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MY_SERVICE_TOKEN", key)
        start = data.draw(st.integers(0, len(key) - 8))
        end = data.draw(st.integers(start + 8, len(key)))
        told = secrets.redact(f"{before}{key[start:end]}{after}")
    assert not any(key[i : i + 8] in told.replace(secrets.MASK, "\0") for i in range(len(key) - 7))


def test_ordinary_words_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    monkeypatch.setenv("SHORT_KEY", "abc")
    text = "false: the abc of the maximum context length is 128000 tokens; ask-me"
    assert secrets.redact(text) == text


@pytest.mark.parametrize(
    "extra", [{"api_key": KEY}, {"extra_headers": {"Authorization": f"Bearer {KEY}"}}, {"extra_body": {"x": {"API-Key": KEY}}}]
)
def test_a_key_among_the_extra_parameters_is_refused_without_repeating_it(extra: dict[str, object]) -> None:
    with pytest.raises(BadSetting, match="keys come from the environment") as caught:
        Sampling(extra=extra)
    assert KEY not in str(caught.value)
