"""What was recorded is played back as it was, and never made up."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from ace.errors import BadInput, BadSetting, ModelRefused
from ace.models.contract import Form, Message, Reply, Request
from ace.models.wrappers.replay import Recording, Replay
from tests.models.asking import Word, request, served
from tests.models.server import ModelServer, answer, says, sends

TEXTS = ('{"word": "ace", "count": 2}', "", '{"word": "ac', "no", '```\n{"word": "b", "count": 1}\n```')


async def recorded(server: ModelServer, file: Path) -> list[Reply]:
    """Replies of every kind, as they came while they were recorded."""
    model = Recording(served(server, "gpt-5-mini"), file)
    replies = []
    for i, text in enumerate(TEXTS):
        server.then(says(text, "length" if i == 2 else "stop"))
        replies.append(await model.complete(request(Word, f"number {i}")))
    server.then(says(None, refusal="No."))
    replies.append(await model.complete(request(Word, "number 5")))
    await model.close()
    return replies


async def test_replies_of_every_form_come_back_exactly_in_any_order(server: ModelServer, tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    first = await recorded(server, file)
    sent = len(server.seen)
    model = Replay(str(file))
    order = [3, 0, 5, 2, 4, 1]
    again = await asyncio.gather(*(model.complete(request(Word, f"number {i}")) for i in order))
    assert again == [first[i] for i in order]
    assert {r.form for r in again} == {Form.CLEAN, Form.EMPTY, Form.TRUNCATED, Form.MALFORMED, Form.FENCED, Form.REFUSED}
    assert all(r.usage.cost_usd for r in again)
    assert len(server.seen) == sent


async def test_the_same_request_gets_its_replies_in_the_order_they_came(server: ModelServer, tmp_path: Path) -> None:
    server.then(says("one"), says("two"))
    model = Recording(served(server), tmp_path / "r")
    for _ in range(2):
        await model.complete(request())
    await model.close()
    played = Replay(str(tmp_path / "r"))
    assert [(await played.complete(request())).text for _ in range(2)] == ["one", "two"]
    with pytest.raises(ModelRefused, match="no reply"):
        await played.complete(request())


async def test_tokens_that_were_estimated_come_back_as_that(server: ModelServer, tmp_path: Path) -> None:
    server.then(sends(answer("one")), says("two"))
    model = Recording(served(server), tmp_path / "r")
    first = [await model.complete(request(user=text)) for text in ("1", "2")]
    await model.close()
    played = Replay(str(tmp_path / "r"))
    again = [await played.complete(request(user=text)) for text in ("1", "2")]
    assert [r.usage for r in again] == [r.usage for r in first]
    assert first[0].usage.estimated > 0 == first[1].usage.estimated


async def test_a_request_that_was_not_recorded_is_named_and_so_is_the_first_one_ever_after(
    server: ModelServer, tmp_path: Path
) -> None:
    file = tmp_path / "run.jsonl"
    await recorded(server, file)
    model = Replay(str(file))
    with pytest.raises(ModelRefused) as caught:
        await model.complete(request(Word, "number six and more"))
    first = str(caught.value)
    assert "no reply to a request of the generator" in first
    assert "'number six and more', where the nearest one recorded says 'number " in first
    assert "\n" not in first
    assert caught.value.usage is not None
    assert (caught.value.usage.calls, caught.value.exit_status) == (0, 2)
    with pytest.raises(ModelRefused) as later:
        await model.complete(request(Word, "something else again"))
    assert str(later.value) == first


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Request("curator", (Message("user", "x"),), Word), "holds no replies to the curator"),
        (Request("generator", (Message("user", "number 1"),), Word), "with other messages before it, another seed, sampling"),
        (request(Word, "number 1", seed=3), "another seed"),
    ],
)
async def test_how_a_request_differs_is_said(server: ModelServer, tmp_path: Path, asked: Request, says: str) -> None:
    await recorded(server, tmp_path / "r")
    with pytest.raises(ModelRefused, match=says):
        await Replay(str(tmp_path / "r")).complete(asked)


async def test_recording_goes_on_in_a_file_that_a_killed_process_left(server: ModelServer, tmp_path: Path) -> None:
    file = tmp_path / "r"
    await recorded(server, file)
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"request": "half of a li')
    assert Replay(str(file)).size == 6
    await recorded(server, file)
    assert Replay(str(file)).size == 12
    assert file.read_bytes().startswith(whole)


async def test_halves_of_characters_in_a_prompt_can_be_recorded(server: ModelServer, tmp_path: Path) -> None:
    from ace.models.novice import Novice
    from ace.roles.replies import Move

    asked = Request("generator", (Message("user", "half \ud83d of one"),), Move)
    model = Recording(Novice(), tmp_path / "r")
    first = await model.complete(asked)
    await model.close()
    assert await Replay(str(tmp_path / "r")).complete(asked) == first


ROW = {"request": "a", "role": "generator", "messages": [["user", "x"]], "text": "t", "stop": "", "usage": [1, 0, 0, 0, 0, 0]}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (b"not json", "line 2"),
        (json.dumps({**ROW, "usage": [1]}).encode(), "line 2"),
        (json.dumps({**ROW, "stop": "bored"}).encode(), "line 2"),
        (json.dumps({**ROW, "text": None}).encode(), "line 2"),
        (b"[" * 10_000, "line 2"),
        (b"\xff\xfe", "not text"),
    ],
)
def test_a_row_that_is_no_reply_is_refused_by_its_line(tmp_path: Path, row: bytes, says: str) -> None:
    file = tmp_path / "r"
    file.write_bytes(b'{"recording":"ace","version":1}\n' + row + b"\n")
    with pytest.raises(BadInput, match=says):
        Replay(str(file))


def test_a_file_that_is_no_recording_is_neither_played_nor_written_to(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("my notes\n", encoding="utf-8")
    for opening in (lambda: Replay(str(file)), lambda: Recording(Replay(str(tmp_path / "r")), file)):
        (tmp_path / "r").touch()
        with pytest.raises(BadInput, match="not a recording"):
            opening()
    assert file.read_text(encoding="utf-8") == "my notes\n"
    with pytest.raises(BadInput, match=r"absent does not exist \(looked for /"):
        Replay(str(tmp_path / "absent"))
    with pytest.raises(BadSetting, match="replay:FILE"):
        Replay("")


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "shut").write_text("", encoding="utf-8")
    (tmp_path / "shut").chmod(0o444)
    for place in (tmp_path / "no" / "folder", tmp_path / "shut"):
        with pytest.raises(BadSetting, match="cannot be written"):
            Recording(Replay(str(tmp_path / "shut")), place)
    with pytest.raises(BadSetting, match=r"cannot be written: there is no folder .*/no; name another file to record to"):
        Recording(Replay(str(tmp_path / "shut")), tmp_path / "no" / "folder")
