"""Many environments with one fault each, and what the conformance suite must say of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ace.environments.contract import Environment
from ace.types import Outcome
from tests.environments import broken_judges as judges
from tests.environments import broken_scenes as scenes
from tests.environments import broken_tasks as tasks
from tests.environments.sound import Box


class ManyFaults(scenes.OneTaskHangs, tasks.OracleFails, tasks.SameTaskTwice):
    """A call that does not return, a wrong gold answer, a task that stands twice, and a judge that raises."""

    class scene(Box):
        def other(self, action: str) -> Outcome:
            raise ValueError("unreadable")


@dataclass(frozen=True)
class Broken:
    """An environment, the checks that must fail on it and no others, and words that must be in what is said."""

    make: Callable[[], Environment]
    names: frozenset[str]
    says: str


def _broken(make: Callable[[], Environment], names: str, says: str) -> Broken:
    return Broken(make, frozenset(names.split()), says)


TABLE = [
    _broken(
        tasks.SharedTask,
        "disjoint",
        "train and test share 1 task by text and data: task train-5 of train is task test-5b of test",
    ),
    _broken(tasks.SeedArithmetic, "disjoint", "task train-1000 of train is task test-1000 of test"),
    _broken(tasks.SameIds, "ids", "the id '0' names a task of train and another of val"),
    _broken(tasks.SameTaskTwice, "keys", "tasks train-0 and train-again of train have the same text and data"),
    _broken(tasks.NothingHeldOut, "splits", "the split test has no tasks"),
    _broken(tasks.OtherOrder, "order", "train lists task"),
    _broken(tasks.OnePass, "order", "as number 1, and the second time none"),
    _broken(tasks.OtherContent, "order", "the same id with another content"),
    _broken(tasks.BlankText, "text", "task val-3 has no text"),
    _broken(tasks.KindOfTwoLines, "kinds", "task val-3: the kind 'one\\ntwo' holds a control character"),
    _broken(tasks.KindThatIsAnEssay, "kinds", "has 101 characters; at most 100 are accepted"),
    _broken(tasks.KindThatIsANumber, "kinds", "a kind must be a text, not int"),
    _broken(tasks.OriginOfAPerson, "origins", "task val-3: the origin 'Person' is reserved"),
    _broken(tasks.OriginOfTwoLines, "origins", "task val-3: the origin 'a\\nb' holds a control character"),
    _broken(tasks.OtherSplit, "tasks", "task train-99 says that its split is 'train', and is listed in test"),
    _broken(tasks.DictsForTasks, "tasks", "tasks (val) gave a dict"),
    _broken(tasks.ListingRaises, "tasks", "tasks (val) raised FileNotFoundError: val.jsonl"),
    _broken(tasks.NoStepLimit, "limits", "limits.steps is 9223372036854775807; it must be"),
    _broken(tasks.NoClock, "limits", "limits.seconds is inf; it must be"),
    _broken(tasks.TooFewSteps, "limits", "the oracle needs 2 steps for task train-0; the limit is 1"),
    _broken(tasks.OracleFails, "oracle", "the oracle fails task test-2 at step 1, with"),
    _broken(tasks.OracleRaises, "oracle", "oracle (train-0) raised KeyError: 'train-0'"),
    _broken(tasks.OracleSaysNothing, "oracle", "gave None; an action is a text"),
    _broken(tasks.OracleWithoutEnd, "oracle", "comes to no end of task train-0"),
    _broken(tasks.NoisyBySeed, "seeds", "of 3 seeds"),
    _broken(tasks.EveryAnswerWins, "random", "knowing the answers is no better"),
    _broken(tasks.NothingWins, "nothing", "doing nothing succeeds in 36 of 36 tasks, such as train-0"),
    _broken(tasks.NothingWinsAtTheEnd, "nothing", "doing nothing succeeds in 36 of 36 tasks"),
    _broken(tasks.SpacesWin, "nothing", "saying spaces succeeds in 36 of 36 tasks"),
    _broken(tasks.NothingRaises, "nothing", "nothing (train-0) raised NotImplementedError"),
    _broken(judges.JunkWins, "junk", "'zzz' succeeds in task train-0"),
    _broken(judges.PartIsEnough, "junk", "all answers joined succeeds in task train-0"),
    _broken(judges.BelievesTheReply, "junk", "JSON succeeds in task train-0"),
    _broken(judges.JunkWinsLate, "junk", "succeeds in task train-0"),
    _broken(judges.JunkRaises, "junk-answered", "raised ValueError: no number"),
    _broken(judges.NulRaises, "junk-answered", "raised ValueError: embedded null byte"),
    _broken(judges.JunkLeaves, "junk-answered", "raised SystemExit: 2"),
    _broken(judges.JunkIsInvalid, "junk-answered", "invalid outcome (the reply could not be read), on nothing at all"),
    _broken(scenes.Chance, "repeat", "the same seed and actions: after 'look inside' it shows"),
    _broken(scenes.ChanceVerdict, "repeat", "gives success and then failure"),
    _broken(scenes.Remembers, "alone", "is another scene when something was played before"),
    _broken(scenes.LeftBehind, "alone", "after 'look inside' it shows"),
    _broken(scenes.LastOpened, "alone", "'It is green. (other)' and then 'It is green. (same)'"),
    _broken(scenes.OneLid, "alone", "task train-0 is another scene after task val-0 was played"),
    _broken(scenes.OneAtATime, "together", "both scenes open"),
    _broken(scenes.OneState, "together", "it shows 'Look 1: it is"),
    _broken(scenes.OneThread, "threads", "raised RuntimeError: used in another thread"),
    _broken(scenes.CloseRaises, "close", "close (train-0) raised OSError: already gone"),
    _broken(scenes.CloseNeedsAnAction, "close", "before any action, close (train-0) raised RuntimeError: nothing to close"),
    _broken(scenes.WinsAfterTheEnd, "after-end", "and 'zzz' after it gives success"),
    _broken(judges.EmptyAnswer, "options", "task train-0 lists an empty option, ''"),
    _broken(judges.TwoLines, "options", "lists 'none of\\nthese', which is not one line"),
    _broken(judges.Padded, "options", "lists 'purple ', which begins or ends with space"),
    _broken(judges.Twice, "options", "lists 'red' twice"),
    _broken(judges.ActionAndAnswer, "options", "lists 'red' as an action and as an answer"),
    _broken(judges.AnswerGoesOn, "answers", "task train-0 lists 'not sure' as an answer, and the scene goes on after it"),
    _broken(judges.Unlisted, "listed", "that task val-1 lists"),
    _broken(judges.RightIsSecond, "positions", "the right answer is number 2 of the list in all 36 tasks"),
    _broken(scenes.ListedRaises, "faults", "raised ZeroDivisionError: division by zero"),
    _broken(scenes.OpenRaises, "faults", "open (train-0) raised ConnectionError: the server is down"),
    _broken(scenes.ListedIsInvalid, "faults", "gave an invalid outcome: the judge crashed"),
    _broken(scenes.BareVerdict, "values", "gave a bool; it must give an Observation or an Outcome"),
    _broken(scenes.BareText, "values", "first (train-0) gave a str; it must give an Observation"),
    _broken(scenes.ListOfAnswers, "values", "whose answers are a list; they must be a tuple of texts"),
    _broken(scenes.ScoreInPercent, "values", "whose score is 100.0; it must be from 0 to 1"),
    _broken(scenes.ActHangs, "time", "act on 'look inside' (task train-0) did not return within 0.2 seconds"),
    _broken(scenes.OneTaskHangs, "time", "open (train-4) did not return within 0.2 seconds"),
    _broken(scenes.JunkHangs, "time", "did not return within 0.2 seconds"),
    _broken(scenes.ListingHangs, "time", "tasks (train) did not return within 0.2 seconds"),
    _broken(scenes.OracleHangs, "time", "oracle (train-0) did not return within 0.2 seconds"),
    _broken(scenes.ClosingHangs, "time", "close (train-0) did not return within 0.2 seconds"),
    _broken(ManyFaults, "time oracle keys junk-answered", "raised ValueError: unreadable"),
]
