"""A folder as the model: what a person finds there, and which answers count."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest

from ace.errors import BadSetting, Interrupted, ModelError
from ace.models.clients.manual import Manual
from ace.models.contract import Form, Reply, Request
from ace.roles.ask import ask
from tests.models.asking import Word, request

GOOD = '{"word": "ace", "count": 2}'


def requests(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.request.md"))


async def asked(folder: Path, count: int = 1) -> list[Path]:
    """The requests in `folder`, once there are so many."""
    # The folder tells nobody of a new file.
    while len(found := requests(folder)) < count:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return found


def answer(request_file: Path, text: str, ending: str = ".answer.json") -> Path:
    path = request_file.with_name(request_file.name.removesuffix(".request.md") + ending)
    path.write_text(text, encoding="utf-8")
    return path


async def answered(folder: Path, text: str, ending: str = ".answer.json", wanted: Request | None = None) -> Reply:
    """The reply to a request that a person answers with `text`."""
    call = asyncio.create_task(Manual(str(folder)).complete(wanted or request(Word)))
    [file] = await asked(folder)
    answer(file, text, ending)
    return await call


async def test_a_request_says_all_that_a_person_needs_to_answer_it(tmp_path: Path) -> None:
    reply = await answered(tmp_path / "new" / "inbox", GOOD, wanted=request(Word, "Which word?\n# Not a heading"))
    assert reply.parsed == Word(word="ace", count=2)
    assert (reply.usage.calls, reply.usage.cost_usd) == (1, 0.0)
    [file] = requests(tmp_path / "new" / "inbox")
    assert re.fullmatch(r"0001-generator-[0-9a-f]{12}\.request\.md", file.name)
    text = file.read_text(encoding="utf-8")
    assert "> You count words." in text
    assert "> Which word?\n> # Not a heading" in text
    assert '"required": [\n    "word",\n    "count"\n  ]' in text
    assert file.name.replace(".request.md", ".answer.json") in text
    assert ".answer.json" in (tmp_path / "new" / "inbox" / "README.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "ending", "form"),
    [
        (GOOD, ".answer.json", Form.CLEAN),
        ("\ufeff" + GOOD + "\n", ".answer.md", Form.CLEAN),
        (f"```json\n{GOOD}\n```", ".answer.md", Form.FENCED),
        (f"It is {GOOD}", ".answer.txt", Form.PREFIXED),
        ("I do not know.", ".answer.txt", Form.MALFORMED),
    ],
)
async def test_an_answer_may_be_json_or_text(tmp_path: Path, text: str, ending: str, form: Form) -> None:
    assert (await answered(tmp_path, text, ending)).form is form


async def test_half_an_answer_is_not_read(tmp_path: Path) -> None:
    call = asyncio.create_task(Manual(str(tmp_path)).complete(request(Word)))
    [file] = await asked(tmp_path)
    for end in (0, 9, 18, len(GOOD)):
        assert not call.done()
        answer(file, GOOD[:end])
        await asyncio.sleep(0.3)
    assert (await call).parsed == Word(word="ace", count=2)


async def test_a_program_may_rename_its_answer_into_place(tmp_path: Path) -> None:
    call = asyncio.create_task(Manual(str(tmp_path)).complete(request(Word)))
    [file] = await asked(tmp_path)
    scratch = tmp_path / "0001.tmp"
    scratch.write_text(GOOD, encoding="utf-8")
    scratch.rename(file.with_name(file.name.replace(".request.md", ".answer.json")))
    assert (await call).parsed


async def test_requests_stand_in_the_order_they_came_and_are_answered_in_any(tmp_path: Path) -> None:
    model = Manual(str(tmp_path))
    calls = [asyncio.create_task(model.complete(request(user=f"number {i}"))) for i in range(3)]
    files = await asked(tmp_path, 3)
    assert [f.name[:5] for f in files] == ["0001-", "0002-", "0003-"]
    for number in (2, 0, 1):
        assert f"> number {number}" in files[number].read_text(encoding="utf-8")
        answer(files[number], f'{{"said": {number}}}')
    assert [(await c).text for c in calls] == [f'{{"said": {i}}}' for i in range(3)]


async def test_a_resumed_run_finds_the_answers_that_are_there(tmp_path: Path) -> None:
    await answered(tmp_path, GOOD)
    again = await Manual(str(tmp_path)).complete(request(Word))
    assert again.parsed == Word(word="ace", count=2)
    assert len(await asked(tmp_path)) == 1


async def test_an_answer_that_does_not_fit_is_asked_again_with_what_was_wrong(tmp_path: Path) -> None:
    call = asyncio.create_task(ask(Manual(str(tmp_path)), request(), Word))
    [first] = await asked(tmp_path)
    answer(first, '{"word": "ace"}')
    _, second = await asked(tmp_path, 2)
    assert "count: Field required" in second.read_text(encoding="utf-8")
    answer(second, GOOD)
    assert (await call).value == Word(word="ace", count=2)


async def test_a_deadline_ends_the_waiting_and_a_timeout_does_not(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"0001-generator-.* had no answer within 0\.3 seconds") as caught:
        await Manual(str(tmp_path), deadline=0.3).complete(request(Word, seconds=0.01))
    assert not caught.value.retryable


async def test_who_wants_to_stop_waits_for_nobody(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        await Manual(str(tmp_path)).complete(replace(request(Word), stopping=lambda: True))


def test_a_folder_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "shut").mkdir(mode=0o555)
    for folder in ("file", "file/inside", "shut"):
        with pytest.raises(BadSetting, match=f"{folder} cannot be written"):
            Manual(str(tmp_path / folder))
    for folder in ("", " ", "a\0b"):
        with pytest.raises(BadSetting, match="manual:DIR"):
            Manual(folder)
    with pytest.raises(BadSetting, match="deadline"):
        Manual(str(tmp_path), deadline=-1)


async def test_a_folder_that_disappears_is_a_fault_that_is_told(tmp_path: Path) -> None:
    model = Manual(str(tmp_path / "inbox"))
    (tmp_path / "inbox" / "README.txt").unlink()
    (tmp_path / "inbox").rmdir()
    with pytest.raises(ModelError, match="no request can be written"):
        await model.complete(request(Word))


async def test_tokens_are_estimated_from_what_was_asked_and_answered(tmp_path: Path) -> None:
    short, long = [await answered(tmp_path / str(n), GOOD, wanted=request(Word, "x" * n)) for n in (400, 4000)]
    assert short.usage.estimated == short.usage.prompt_tokens + short.usage.completion_tokens
    assert short.usage.prompt_tokens < long.usage.prompt_tokens
