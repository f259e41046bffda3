"""The strategy `experts`: cases of several desks find the playbook that was learned at their desk, and what is shown is
recorded."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ace.budget import Budget
from ace.environments.desk import Desk
from ace.errors import AceError, BadSetting, LimitReached, NotFound, NotUsable
from ace.experiments.dispatch import dispatched
from ace.memory.store import Store
from ace.memory.values import Run
from ace.models.contract import Reply, Request
from ace.models.novice import Novice
from ace.runs.asked import requests
from ace.runs.lifecycle import begin, ready, work
from ace.runs.preparing import Prepared, prepare
from ace.settings import RunSettings
from ace.strategies.contract import Roles
from ace.strategies.dispatching import Classifier, experts_of
from ace.strategies.experts import Experts
from ace.strategies.sharing import SearchEffort, Shares, searched
from ace.types import Episode, Trust
from tests.commands.said import Ace
from tests.doing import checked, do
from tests.runs.test_apart import MARK, Letters, parrot, text_of
from tests.stories import Story, add

NAMES = ("web", "market", "catalogue")
EASY: dict[str, Any] = {"world": 3, "level": "easy", "desks": 3}
EXPERTS = {"experts": ",".join(NAMES), "fallback": "empty"}


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an expert for each desk."""
    path = tmp_path_factory.mktemp("experts") / "ace.db"
    with Store.open(path) as store:
        for name in NAMES:
            desk = Desk(**EASY, only=name)
            do(store, desk, playbook=name, episodes=70, learn_only=True, retries=3)
    return path


@pytest.fixture
def experts(learned: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(learned, tmp_path / "ace.db")
    with Store.open(tmp_path / "ace.db") as store:
        yield store


def asked(settings: dict[str, str], model: Any = None, **run: Any) -> Prepared:
    """A run of experts that measures alone."""
    desk = Desk(**run.pop("desk", EASY))
    stated = {"strategy": "experts", "strategy_settings": {**EXPERTS, **settings}, "measured": "only", "eval": 45}
    return checked(desk, {**stated, **run}, model)


def measured(store: Store, model: Any = None, run: Any = None, /, **settings: str) -> tuple[Run, list[Episode]]:
    prepared = asked(settings, model, **(run or {}))
    done = asyncio.run(work(prepared, store, begin(prepared, store)))
    return done, store.episodes(run=done.id, phase="after", limit=None)


def rate(episodes: list[Episode]) -> float:
    return sum(e.outcome.success for e in episodes) / len(episodes)


def labels(store: Store, run: Run) -> list[tuple[str, str]]:
    return [(e.task.kind, label) for e, label in dispatched(store, run, experts_of(EXPERTS["experts"]))]


def test_each_way_to_dispatch_beats_chance_and_one_book_of_all(experts: Store) -> None:
    found = {d: measured(experts, dispatch=d) for d in ("classifier", "prompt", "oracle", "random", "merged")}
    success = {d: rate(episodes) for d, (_, episodes) in found.items()}
    right = {d: sum(kind == label for kind, label in labels(experts, run)) / 45 for d, (run, _) in found.items()}
    assert success["oracle"] >= 0.9
    assert min(right["classifier"], right["prompt"]) >= 0.93
    assert right["oracle"] == 1
    assert right["random"] < 0.6
    assert min(success["classifier"], success["prompt"]) >= success["oracle"] - 0.07
    assert max(success["random"], success["merged"]) < success["oracle"] - 0.2
    costs = {d: {s.role: s.usage for _, s in experts.usage_by_role(run.id)} for d, (run, _) in found.items()}
    assert [d for d, roles in costs.items() if "dispatcher" in roles] == ["prompt"]
    assert costs["prompt"]["dispatcher"].calls == 45
    assert costs["prompt"]["dispatcher"].prompt_tokens > 0
    asked = [requests(experts, e) for e in found["prompt"][1][:3]]
    assert [[a.role for a in of][:2] for of in asked] == [["dispatcher", "generator"]] * 3
    assert all(a.exact for of in asked for a in of)


def test_what_was_shown_is_recorded_with_the_revision_and_the_bullets_of_its_playbook(experts: Store) -> None:
    _, episodes = measured(experts, dispatch="oracle")
    for e in episodes:
        book = experts.view(e.task.kind)
        assert e.render.revisions == (book.revision.hash,)
        assert {x.bullet for x in e.render.exposures} == {b.id for b in book.bullets()}
        assert all(f"[{x.bullet}]" in e.render.text for x in e.render.exposures)
    _, merged = measured(experts, dispatch="merged")
    assert len(merged[0].render.revisions) == 3
    assert [f"## {n}: " in merged[0].render.text for n in NAMES] == [True] * 3


def test_a_case_that_belongs_to_no_expert_goes_to_the_fallback(experts: Store) -> None:
    desk = {**EASY, "desks": 4, "only": "outlet"}
    for dispatch, least in (("oracle", 1.0), ("classifier", 0.6)):
        run, episodes = measured(experts, None, {"desk": desk}, dispatch=dispatch)
        assert sum(label == "" for _, label in labels(experts, run)) / len(episodes) >= least
    story = Story(experts, "general")
    story.added(add("Be kind."))
    _, episodes = measured(experts, None, {"desk": desk, "eval": 3}, dispatch="oracle", fallback="general")
    assert all("Be kind." in e.render.text for e in episodes)
    _, episodes = measured(experts, None, {"desk": desk, "eval": 3, "playbook": "general"}, dispatch="oracle", fallback="own")
    assert all("Be kind." in e.render.text for e in episodes)
    _, episodes = measured(experts, None, {"desk": desk, "eval": 3}, dispatch="oracle", fallback="merged")
    assert all(len(e.render.revisions) == 3 for e in episodes)


class Dispatching(Novice):
    """Names `expert` whenever it is asked for one, or replies what cannot be read."""

    def __init__(self, reply: str) -> None:
        self._reply, self.questions = reply, list[str]()

    async def complete(self, request: Request) -> Reply:
        if request.role != "dispatcher":
            return await super().complete(request)
        self.questions.append(request.messages[1].content)
        text = json.dumps({"thought": "", "expert": self._reply}) if self._reply != "{" else "{"
        parsed = request.response.model_validate_json(text) if self._reply != "{" and request.response else None
        return Reply(text, parsed, "" if parsed else "not JSON")


@pytest.mark.parametrize(("reply", "due"), [("Market ", "market"), ("", ""), ("nobody", ""), ("{", "")])
def test_the_reply_of_the_first_pass_names_the_expert_or_leads_to_the_fallback(experts: Store, reply: str, due: str) -> None:
    model = Dispatching(reply)
    run, _ = measured(experts, model, {"eval": 2}, dispatch="prompt")
    assert {label for _, label in labels(experts, run)} == {due}
    assert all(f"- {name} | " in model.questions[0] for name in NAMES)
    assert "such as: " in model.questions[0]
    assert ABOUT not in model.questions[0].partition("# Task")[0]


ABOUT = "You settle cases"


def test_a_run_reads_its_experts_as_they_were_when_it_began(experts: Store) -> None:
    whole, unbroken = measured(experts)
    prepared = asked({}, budget=Budget(calls=40))
    run = begin(prepared, experts)
    with pytest.raises(LimitReached):
        asyncio.run(work(prepared, experts, run))
    Story(experts, "web").added(add("In every other case: decline.", section="Rules"))
    prepared = asked({}, budget=Budget(calls=10_000))
    done = asyncio.run(work(prepared, experts, ready(prepared, experts, experts.run(run.id))))
    episodes = experts.episodes(run=done.id, phase="after", limit=None)
    assert [e.render for e in episodes] == [e.render for e in unbroken]
    assert done.config["reads"] == whole.config["reads"] != {n: experts.head(n).number for n in NAMES}


def test_the_search_finds_the_expert_of_each_kind_from_outcomes_alone_and_is_not_made_twice(experts: Store) -> None:
    settings = {"dispatch": "shares", "cases": "6", "population": "6", "rounds": "2"}
    whole, unbroken = measured(experts, **settings)
    found = whole.result["tuned"]["kinds"]
    assert {kind: max(range(3), key=of["shares"].__getitem__) for kind, of in found.items()} == {
        n: i for i, n in enumerate(NAMES)
    }
    assert rate(unbroken) >= 0.9
    calls = experts.usage(whole.id).calls
    for stopped in (calls // 5, calls - 20):
        prepared = asked(settings, budget=Budget(calls=stopped))
        run = begin(prepared, experts)
        with pytest.raises(LimitReached):
            asyncio.run(work(prepared, experts, run))
        prepared = asked(settings, budget=Budget(calls=10_000))
        done = asyncio.run(work(prepared, experts, ready(prepared, experts, experts.run(run.id))))
        assert done.result["tuned"]["kinds"] == found
        assert experts.usage(done.id).calls == calls
    tried = experts.episodes(run=whole.id, phase="tune", limit=None)
    assert {e.task.split for e in tried} == {"val"}
    assert not {e.task.key for e in tried} & {e.task.key for e in unbroken}


def test_stated_shares_show_that_much_of_each_the_largest_first(experts: Store) -> None:
    _, episodes = measured(experts, None, {"eval": 2}, dispatch="shares", shares="0.4,1,0")
    web, market = experts.view("web"), experts.view("market")
    shown = [x.bullet for x in episodes[0].render.exposures]
    assert shown[: market.count] == [b.id for b in market.bullets()]
    assert shown[market.count :] == [b.id for b in web.bullets()][: round(0.4 * web.count)]
    assert episodes[0].render.revisions == (market.revision.hash, web.revision.hash)


async def test_the_search_prefers_fewer_tokens_among_equals_and_its_seed_decides_the_rest() -> None:
    async def won(shares: Shares) -> tuple[float, int]:
        return float(shares[1] >= 0.5), int(100 * sum(shares))

    best, rate = await searched(3, SearchEffort(20, 6), won, 7)
    assert rate == 1
    assert best[1] >= 0.5
    assert sum(best) < 0.8
    assert (best, rate) == await searched(3, SearchEffort(20, 6), won, 7)


def test_words_that_all_experts_have_say_nothing() -> None:
    found = Classifier({"a": ["the red boat", "the red car"], "b": ["the blue boat", "the blue sky"]})
    assert found.nearest("the boat", 0) == ""
    assert found.nearest("the red thing", 0) == "a"
    assert found.nearest("the red thing", 99) == ""
    assert "red" in found.known(1)["a"].words
    assert "the" not in found.known(1)["a"].words
    assert found.known(1)["a"].cases == ["red car"]


FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "one alone": ({"experts": "web"}, "names one expert, and one leaves nothing to dispatch"),
    "none": ({"experts": ""}, "empty name"),
    "a blank one": ({"experts": "web,,market"}, "empty name"),
    "a blank kind": ({"experts": ":web,market"}, "an empty kind before ':web'; write KIND:web, or web alone"),
    "the same twice": ({"experts": "web,market,web"}, "the playbook web twice"),
    "the same at two revisions": ({"experts": "web@1,web@2"}, "the playbook web twice"),
    "one label twice": ({"experts": "a:web,A:market"}, "the label a twice"),
    "no fallback": ({"fallback": " "}, "it must be empty, merged, own, or a playbook"),
    "shares that are no numbers": ({"dispatch": "shares", "shares": "a,b,c"}, "3 numbers from 0 to 1"),
    "too few shares": ({"dispatch": "shares", "shares": "1"}, "3 numbers from 0 to 1"),
    "shares above 1": ({"dispatch": "shares", "shares": "1,2,0"}, "3 numbers from 0 to 1"),
    "no share": ({"dispatch": "shares", "shares": "0,0,0"}, "one above 0 at least"),
    "nan": ({"dispatch": "shares", "shares": "nan,1,1"}, "3 numbers from 0 to 1"),
    "shares for another dispatch": ({"shares": "1,1,1"}, "write dispatch=shares"),
    "another dispatch": ({"dispatch": "best"}, "must be one of classifier"),
    "a negative margin": ({"margin": "-1"}, "0 or more"),
    "too few candidates": ({"dispatch": "shares", "population": "3"}, "4 to 1000"),
    "a search without end": ({"dispatch": "shares", "cases": "100000000"}, "1 to 1000"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_settings_that_cannot_be_are_refused_in_one_line(fault: str) -> None:
    settings, due = FAULTS[fault]
    with pytest.raises(AceError, match=due):
        asked(settings).strategy(Roles(lambda u: Novice(), lambda u: Novice()))


def test_playbooks_that_cannot_be_experts_are_refused_and_nothing_is_stored(experts: Store) -> None:
    before = [p.name for p in experts.playbooks()], len(experts.runs())
    with pytest.raises(NotFound, match="did you mean 'market'"):
        begin(asked({"experts": "web,markt"}), experts)
    with pytest.raises(NotFound, match="has no revision 99"):
        begin(asked({"experts": "web,market@99"}, playbook="new"), experts)
    with pytest.raises(NotFound, match="'gone'"):
        begin(asked({"fallback": "gone"}), experts)
    assert ([p.name for p in experts.playbooks()], len(experts.runs())) == before
    experts.branches.fork("web", "same")
    with pytest.raises(BadSetting, match="same revision of one playbook"):
        begin(asked({"experts": "web,same"}), experts)
    Story(experts, "typed").added(add("A lesson that somebody typed."))
    with pytest.raises(NotUsable, match="learned from no trusted task"):
        begin(asked({"experts": "web,typed"}), experts)
    begin(asked({"experts": "web,typed", "dispatch": "shares", "shares": "1,1"}), experts)


@pytest.mark.parametrize(
    ("settings", "desk", "due"),
    [
        ({"experts": "web:a,shop:b"}, EASY, "no case of this run has the kind shop; their kinds are catalogue, market, web"),
        (
            {"dispatch": "oracle"},
            {"world": 3},
            "the kind web or market or catalogue, so each goes to the fallback; their kinds",
        ),
        ({"dispatch": "shares", "cases": "1000"}, EASY, "the search plays up to 64,000 attempts at validation cases before"),
        ({"margin": "2", "examples": "1", "dispatch": "prompt"}, EASY, "margin has no effect with dispatch=prompt"),
        ({"rounds": "2", "examples": "1"}, EASY, "examples, rounds have no effect with dispatch=classifier"),
        (
            {"dispatch": "shares", "shares": "1,0,0", "cases": "5"},
            EASY,
            "cases has no effect with dispatch=shares and stated shares",
        ),
        ({"margin": "2"}, EASY, ""),
        ({"experts": "a,b"}, EASY, ""),
        ({"dispatch": "oracle"}, EASY, ""),
        ({"dispatch": "shares"}, EASY, ""),
    ],
)
def test_kinds_that_no_case_has_and_a_search_without_end_are_said_before(
    settings: dict[str, str], desk: dict[str, Any], due: str
) -> None:
    stated = {name: str(value) for name, value in desk.items()}
    warned = prepare(
        RunSettings(strategy="experts", strategy_settings={**EXPERTS, **settings}, settings=stated, measured="only", eval=30)
    ).warnings
    assert [due in line and line.startswith("Warning: strategy experts: ") for line in warned] == [True] * bool(due)


def test_without_a_run_that_reads_for_it_it_says_so(store: Store) -> None:
    store.ensure_playbook("any")
    strategy = Experts(Roles(lambda u: Novice(), lambda u: Novice()), experts="a,b", fallback="empty")
    task = next(iter(Desk(**EASY).tasks("test")))
    with pytest.raises(AceError, match="there is no run here"):
        strategy.context(task, store.view("any").at(Trust.TRUSTED), ())


@pytest.mark.parametrize("dispatch", ["classifier", "prompt", "merged", "shares", "random"])
def test_no_request_of_experts_holds_what_came_of_untrusted_attempts(store: Store, dispatch: str) -> None:
    for name, seed in (("one", 1), ("two", 2)):
        do(store, Letters(listed=True), parrot(), playbook=name, learn_only=True, batch=3, seed=seed, strategy="addonly")
        assert any(MARK in b.text.lower() for b in store.view(name).bullets())
    settings = {
        "experts": "one,two",
        "fallback": "merged",
        "dispatch": dispatch,
        "cases": "2",
        "population": "4",
        "rounds": "1",
    }
    model = parrot()
    asking: Callable[[Request, int], str] = model._answer
    model._answer = lambda r, n: json.dumps({"thought": "", "expert": "one"}) if r.role == "dispatcher" else asking(r, n)
    do(store, Letters(listed=True), model, strategy="experts", strategy_settings=settings, measured="only", eval=4)
    assert model.asked
    assert not [r.role for r in model.asked if MARK in text_of(r)]


def test_the_report_says_dispatch_regret_and_interference(experts: Store, tmp_path: Path, ace: Ace) -> None:
    where = ("--store", str(tmp_path / "ace.db"))
    arms = [
        f"--arm={d}=experts:experts={EXPERTS['experts']},fallback=empty,dispatch={d}"
        for d in ("classifier", "oracle", "merged")
    ]
    settings = [f"--set={k}={v}" for k, v in EASY.items()]
    done = ace("compare", "desk", *settings, "--arms", "empty", *arms, "--seeds", "2", "--eval", "30", *where)
    assert done.status == 0, done.err
    said = ace("compare", "experts", *where, "--json").json
    rows = {row["arm"]: row for row in said["arms"]}
    assert (rows["classifier"]["cases"], rows["oracle"]["accuracy"], rows["merged"]["accuracy"]) == (60, 1.0, None)
    assert rows["classifier"]["accuracy"] >= 0.9
    assert abs(rows["classifier"]["regret"]["difference"]) <= 0.1
    assert rows["oracle"]["regret"] is None
    assert [row["kind"] for row in said["interference"]] == [*NAMES, "all"]
    whole = said["interference"][-1]
    assert whole["interference"]["difference"] == pytest.approx(whole["expert"] - whole["merged"])
    assert whole["interference"]["difference"] > 0.2
    shown = ace("compare", "experts", *where)
    assert "Interference" in shown.out
    assert "-0.0" not in shown.out
    nothing = ace("compare", "desk", "--arms", "emptyx2", "--seeds", "1", "--eval", "2", *where)
    assert nothing.status == 0
    assert "has no arm with the strategy experts" in ace("compare", "experts", *where).err
    same = ace("compare", "desk", "--arm=x=route:strong=novice", "--seeds", "1", *where)
    assert (same.status, "arm x: strong=novice is the model that acts already" in same.err) == (2, True)
    kinds = ["--arm=o=experts:experts=no:web,market,fallback=empty,dispatch=oracle", "--set=desks=2", "--set=world=3"]
    assert ace("compare", "desk", *kinds, "--arms", "empty", "--seeds", "1", "--eval", "4", *where).status == 0
    assert "o: no case that was measured had the kind no" in ace("compare", "experts", *where, "--json").json["notes"]
    unknown = ace("compare", "desk", "--arm=x=experts:experts=web,markt,fallback=empty", "--seeds", "1", "--eval", "2", *where)
    assert (unknown.status, "arm x: there is no playbook 'markt'; did you mean 'market'" in unknown.err) == (2, True)
