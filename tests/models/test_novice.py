"""The novice learns whatever an environment's verdicts teach, through the playbook's text and nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from ace.environments.contract import Environment
from ace.evidence.conditions import roundest
from ace.memory.store import Store
from ace.models.contract import Message, Model, Reply, Request, Sampling
from ace.models.novice import Novice
from ace.models.novice.lessons import Look, Topic, parse_lesson
from ace.playbooks.bullet import Bullet
from ace.playbooks.triggers.conditions import Condition
from ace.playbooks.triggers.trigger import Plan, Trigger
from ace.roles.curator.brief import Brief as CuratorBrief
from ace.roles.curator.request import question
from ace.roles.curator.settings import Shown
from ace.roles.exploring import Course as Named
from ace.roles.exploring import take_part
from ace.roles.generator import next_message, opening_message, system_message
from ace.roles.replies import Curation, Diagnosis, Move, PlacedCuration, WholeList
from ace.types import Observation, Past
from tests.doing import do
from tests.warm import Process
from tests.worlds import Ferry, Gate, Greenhouse

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("environment", [Greenhouse(), Ferry(), Gate()], ids=lambda e: e.name)
def test_it_learns_environments_it_has_never_met(store: Store, environment: Environment) -> None:
    done = do(store, environment, episodes=100, retries=None)
    assert done.before < 0.5
    assert done.after >= 0.75


def test_without_curation_it_stays_where_it_was(store: Store) -> None:
    done = do(store, Greenhouse(), episodes=60, strategy_settings={"curate": "false"})
    assert done.before == done.after
    assert store.head(done.run.result["playbook"]).number == 0


ANSWER = "from tests.models.test_novice import answer; answer()"


class Elsewhere:
    """The novice, with every call answered by a process of its own."""

    name = "novice"

    async def complete(self, request: Request) -> Reply:
        asked = {
            "role": request.role,
            "messages": [[m.role, m.content] for m in request.messages],
            "seed": request.seed,
            "explore": request.sampling.explore,
            "shape": request.response.__name__ if request.response else "",
        }
        text = await asyncio.to_thread(self._answered, json.dumps(asked))
        assert request.response is not None
        return Reply(text, request.response.model_validate_json(text))

    def _answered(self, asked: str) -> str:
        process = Process(ANSWER, [asked], cwd=ROOT, env=dict(os.environ))
        text, err = process.communicate()
        assert process.returncode == 0, err
        return text

    async def close(self) -> None:
        return None


def answer() -> None:
    """Answer the request that is the argument, in a process that knows nothing else."""
    asked = json.loads(sys.argv[1])
    shapes: list[type[BaseModel]] = [Move, Diagnosis, PlacedCuration, WholeList]
    shape = next(s for s in shapes if s.__name__ == asked["shape"])
    messages = tuple(Message(role, content) for role, content in asked["messages"])
    request = Request(asked["role"], messages, shape, Sampling(explore=asked["explore"]), asked["seed"])
    sys.stdout.write(asyncio.run(Novice().complete(request)).text)


def playbook_of(tmp_path: Path, name: str, model: Model) -> tuple[str, str]:
    with Store.open(tmp_path / f"{name}.db") as store:
        done = do(store, Gate(), model, episodes=8, eval=1, batch=4)
        head = store.head(done.run.result["playbook"])
        return head.hash, head.digest


def test_it_keeps_nothing_between_calls(tmp_path: Path) -> None:
    assert playbook_of(tmp_path, "here", Novice()) == playbook_of(tmp_path, "elsewhere", Elsewhere())


def test_it_knows_no_environment_of_ours() -> None:
    sources = "".join(p.read_text() for p in (ROOT / "ace" / "models" / "novice").glob("*.py"))
    assert "ace.environments" not in sources
    for word in ("refund", "membership", "customer", "xbrl", "gaap"):
        assert word not in sources.lower()


LESSONS = [
    Trigger((Condition("is", "tier", "gold"), Condition("at least", "amount", 200.0)), Plan("refund", "verify")),
    Trigger((Condition("mentions", "a bicycle"), Condition("count below", "kg", 12.5)), Plan("cabin")),
    Trigger((Condition("below", "a and b", 3.0), Condition("lacks", "x")), Plan("do: this, then that")),
    Trigger((), Plan("decline")),
    Topic(("notes", "rate"), "InterestRate"),
]


@pytest.mark.parametrize("lesson", LESSONS, ids=str)
def test_lessons_read_back_from_their_sentences(lesson: Trigger | Topic) -> None:
    assert parse_lesson(lesson.sentence()) == lesson


def test_a_look_reads_back_without_what_it_shows() -> None:
    assert parse_lesson(Look("open the file", ("size", "owner")).sentence()) == Look("open the file")


def test_sentences_of_others_are_left_alone() -> None:
    assert parse_lesson("Always be kind to gold members.") is None


@pytest.mark.parametrize(("low", "high", "wanted"), [(87, 120, 100), (28.5, 33, 30), (0.11, 0.19, 0.15), (4, 5, 5)])
def test_thresholds_are_round(low: float, high: float, wanted: float) -> None:
    assert roundest(low, high) == pytest.approx(wanted)


@pytest.mark.parametrize("choice", ["", "(nothing)"])
def test_attempts_that_ended_before_they_chose_anything_teach_no_choice(choice: str) -> None:
    chosen = [Past(f"{option}-{n}", f"hour: {n}", option, False) for n in range(3) for option in ("open", "ring", "close")]
    ended = [Past(f"none-{n}", f"hour: {n}", choice, False) for n in range(2)]
    won = [Past(f"won-{n}", f"hour: {20 + n}", "open", True) for n in range(4)]
    for seed in range(2):
        asked = question(CuratorBrief((), 0, (), uncited=[*chosen, *ended, *won]), Shown(rows=False)).messages
        reply = asyncio.run(Novice().complete(Request("curator", asked, Curation, seed=seed)))
        assert isinstance(reply.parsed, Curation)
        assert not [edit.text for edit in reply.parsed.add if f'choose "{choice}"' in edit.text]
        assert any('choose "open"' in edit.text for edit in reply.parsed.add)


@pytest.mark.parametrize("known", [False, True])
def test_a_choice_that_lost_every_case_becomes_no_rule_and_stays_none(known: bool) -> None:
    """An agent that gives the same answer in every case, as language models do at temperature 0."""
    lost = [Past(f"e-{n}", f"hour: {n}; sky: {('grey', 'blue')[n % 2]}", "open", False) for n in range(10)]
    bullets = (Bullet("rul-0001", "Rules", 'In every other case: choose "open".'),) if known else ()
    asked = question(CuratorBrief(bullets, 0, (), uncited=lost), Shown(rows=False)).messages
    reply = asyncio.run(Novice().complete(Request("curator", asked, Curation, seed=1)))
    assert isinstance(reply.parsed, Curation)
    assert not [*reply.parsed.add, *reply.parsed.revise]
    assert len(reply.parsed.retire) == len(bullets)


@pytest.mark.parametrize(
    ("named", "taken", "expected"),
    [
        (Named(("check the roots",), "sell"), (), "check the roots"),
        (Named(("check the roots",), "sell"), ("check the roots",), "sell"),
        (Named((), "sell"), ("check the roots",), "sell"),
    ],
)
async def test_where_no_lesson_decides_it_takes_what_the_request_names(
    named: Named, taken: tuple[str, ...], expected: str
) -> None:
    """It knows where to look and has looked, so it does nothing else first."""
    seen = Observation("A plant.", ("check the roots",), ("sell", "feed", "move"))
    system = system_message('- [loo-0001] Before answering, take "look at the plant": it shows soil.')
    messages = [system, opening_message(seen, "", [], take_part(named))]
    for action in taken:
        messages += [
            Message("assistant", Move(thought="", action=action, lesson_ids=[]).model_dump_json()),
            next_message(seen, seen),
        ]
    moves = [(await Novice().complete(Request("generator", tuple(messages), Move, seed=n))).parsed for n in range(40)]
    given = [m.action for m in moves if isinstance(m, Move)]
    assert {a for a in given if a not in seen.actions} <= {expected, named.answer}
    assert expected in given
