"""Gymnasium's toy text in words. All but blackjack are tables of moves, so the shortest way is a search in the table."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gymnasium
import numpy
from gymnasium.envs.toy_text.frozen_lake import generate_random_map

from ace.environments.gym.games import GymGame, Play, Start

Table = Mapping[int, Mapping[int, Sequence[tuple[float, int, float, bool]]]]
"""By state and action: chance, next state, reward, whether the game ends."""
COLORS = ("red", "green", "yellow", "blue")
PLACES = ((0, 0), (0, 4), (4, 0), (4, 3))
"""The taxi's four stops, in gymnasium's order of colours, by row and column."""


def opened(name: str, size: int, *, slippery: bool) -> GymGame:
    """The toy game `name`."""
    if name == "frozen-lake":
        return Tabular(name, Lake(size, slippery), slippery)
    if name == "cliff-walking":
        return Tabular(name, Cliff(slippery), slippery)
    return Tabular(name, Cab(), False) if name == "taxi" else Cards()


class TableRules:
    """A table game: how an environment is made for a start position, and how a position is told."""

    actions: tuple[str, ...] = ()
    goal = ""

    def made(self, number: int) -> tuple[Any, int] | None:
        """The environment, and the state that position `number` begins in; `None` where there is no such position."""
        raise NotImplementedError

    def told(self, env: Any, state: int) -> str:
        raise NotImplementedError

    def won(self, reward: float, ended: bool) -> bool | None:
        """Whether a move won, lost (false), or neither."""
        return True if ended else None


class Lake(TableRules):
    """FrozenLake on maps drawn by number."""

    actions = ("left", "down", "right", "up")
    goal = "reach the goal without falling into a hole"

    def __init__(self, size: int, slippery: bool) -> None:
        self._size, self._slippery = size, slippery

    def made(self, number: int) -> tuple[Any, int]:
        rows = generate_random_map(size=self._size, p=0.8, seed=number)
        return gymnasium.make("FrozenLake-v1", desc=rows, is_slippery=self._slippery).unwrapped, 0

    def told(self, env: Any, state: int) -> str:
        rows = [[c.decode() for c in row] for row in env.desc]
        row, column = divmod(state, self._size)
        rows[row][column] = "A"
        drawn = "\n".join(" ".join(r) for r in rows)
        slips = " The ice is slippery: a move may go to a side." if self._slippery else ""
        return (
            f"A frozen lake of {self._size} by {self._size} cells. F is ice, H a hole, G the goal, S the start, A is you."
            f"{slips}\n"
            f"You are at row {row + 1}, column {column + 1}.\n\n{drawn}"
        )

    def won(self, reward: float, ended: bool) -> bool | None:
        return (reward == 1) if ended else None


class Cliff(TableRules):
    """CliffWalking from any cell that is neither cliff nor goal."""

    actions = ("up", "right", "down", "left")
    goal = "reach the goal; a step onto the cliff leads back to the corner"
    ROWS, COLUMNS, START, GOAL = 4, 12, 36, 47

    def __init__(self, slippery: bool) -> None:
        self._slippery = slippery

    def made(self, number: int) -> tuple[Any, int] | None:
        if number > self.START:
            return None
        return gymnasium.make("CliffWalking-v1", is_slippery=self._slippery).unwrapped, number

    def told(self, env: Any, state: int) -> str:
        cells = ["." if at < self.START else "C" for at in range(self.ROWS * self.COLUMNS)]
        cells[self.START], cells[self.GOAL], cells[state] = ".", "G", "A"
        rows = [" ".join(cells[r * self.COLUMNS : (r + 1) * self.COLUMNS]) for r in range(self.ROWS)]
        row, column = divmod(state, self.COLUMNS)
        return (
            "A cliff along the lower edge. C is the cliff, G the goal, A is you.\n"
            f"You are at row {row + 1}, column {column + 1}.\n\n" + "\n".join(rows)
        )


class Cab(TableRules):
    """Taxi: fetch a passenger, bring him to the stop he wants."""

    actions = ("south", "north", "east", "west", "pick up", "drop off")
    goal = "bring the passenger to the stop that is wanted"

    def made(self, number: int) -> tuple[Any, int]:
        env = gymnasium.make("Taxi-v4").unwrapped
        state, _info = env.reset(seed=number)
        return env, int(state)

    def told(self, env: Any, state: int) -> str:
        row, column, passenger, wanted = env.decode(state)
        stops = ", ".join(f"{c} (row {r + 1}, column {k + 1})" for c, (r, k) in zip(COLORS, PLACES, strict=True))
        where = "in the taxi" if passenger == len(COLORS) else f"at the {COLORS[passenger]} stop"
        walls = "\n".join(line.decode() if isinstance(line, bytes) else "".join(c.decode() for c in line) for line in env.desc)
        return (
            f"You drive a taxi on five by five cells; a bar between two cells is a wall. The stops are {stops}.\n"
            f"taxi: row {row + 1}, column {column + 1}\npassenger: {where}\nwanted: the {COLORS[wanted]} stop\n\n{walls}"
        )


class Tabular:
    """A game by a table of moves."""

    rules: Sequence[str] = ()

    def __init__(self, name: str, rules: TableRules, chance: bool) -> None:
        self._name, self._rules, self._chance = name, rules, chance
        self.actions, self.goal = rules.actions, rules.goal

    def start(self, number: int) -> Start | None:
        made = self._rules.made(number)
        return None if made is None else Start(self._name, self._rules.told(*made), self._name)

    def play(self, number: int, seed: int) -> Play:
        made = self._rules.made(number)
        assert made is not None, "a task has a start position"
        env, state = made
        env.reset(seed=seed)
        env.s = state
        return TablePlay(env, self._rules)

    def way(self, number: int) -> Sequence[str] | None:
        """The actions of the shortest way to win; `None` where moves may go astray."""
        made = self._rules.made(number)
        if self._chance or made is None:
            return None
        env, state = made
        return [self.actions[a] for a in _shortest(env.P, state, self._rules.won)]


class TablePlay:
    def __init__(self, env: Any, rules: TableRules) -> None:
        self._env, self._rules, self.told = env, rules, ""

    def text(self) -> str:
        return self._rules.told(self._env, int(self._env.s))

    def step(self, action: int) -> bool | None:
        _state, reward, ended, _truncated, _info = self._env.step(action)
        return self._rules.won(float(reward), bool(ended))

    def close(self) -> None:
        self._env.close()


def _shortest(table: Table, start: int, won: Callable[[float, bool], bool | None]) -> list[int]:
    """The actions from `start` to the nearest win, by breadth-first search; none where there is no way."""
    came: dict[int, tuple[int, int]] = {start: (start, -1)}
    left = deque([start])
    while left:
        state = left.popleft()
        for action, outcomes in table[state].items():
            _chance, then, reward, ended = outcomes[0]
            if won(float(reward), ended):
                return [*_back(came, state), action]
            if not ended and then not in came:
                came[then] = (state, action)
                left.append(then)
    return []


def _back(came: Mapping[int, tuple[int, int]], state: int) -> list[int]:
    actions: list[int] = []
    while came[state][1] >= 0:
        state, action = came[state]
        actions.append(action)
    return actions[::-1]


STICK_OR_HIT = (
    'When "your hand" is at least 19: choose "stick".',
    'When "usable ace" is "yes" and "your hand" is at least 18 and "dealer shows" is between 2 and 7: choose "stick".',
    'When "usable ace" is "yes": choose "hit".',
    'When "your hand" is at least 18: choose "stick".',
    'When "dealer shows" is below 2: choose "hit".',
    'When "your hand" is at least 12 and "dealer shows" is at most 6: choose "stick".',
    'When "your hand" is at least 17: choose "stick".',
    'When "your hand" is at least 16 and "dealer shows" is at least 8: choose "stick".',
    'In every other case: choose "hit".',
)
"""How to play blackjack where an even game counts as lost, read off dynamic programming over the cards that can come: of hands
as they are dealt it wins 43.1 %, and nothing more than 43.2 %. Books count an even game as half a win and play otherwise."""


class Cards:
    """Blackjack. A start position is the hand and the dealer's card; what is drawn later depends on the attempt's seed, so the
    best play wins less than half."""

    actions = ("stick", "hit")
    rules = STICK_OR_HIT
    goal = "come nearer to 21 than the dealer without going over"

    def start(self, number: int) -> Start:
        play = CardPlay(number, 0)
        return Start("blackjack", play.text(), "blackjack")

    def play(self, number: int, seed: int) -> Play:
        return CardPlay(number, seed)

    def way(self, number: int) -> None:
        return None


class CardPlay:
    def __init__(self, number: int, seed: int) -> None:
        self._env: Any = gymnasium.make("Blackjack-v1").unwrapped
        self._seen, _info = self._env.reset(seed=number)
        self._env.np_random = numpy.random.default_rng(seed)
        self.told = ""

    def text(self) -> str:
        total, dealer, ace = self._seen
        return f"your hand: {int(total)}\nusable ace: {'yes' if ace else 'no'}\ndealer shows: {int(dealer)}"

    def step(self, action: int) -> bool | None:
        self._seen, reward, ended, _truncated, _info = self._env.step(action)
        if not ended:
            return None
        over = int(self._seen[0]) > 21
        self.told = "You went over 21." if over else "The hands were even." if reward == 0 else ""
        return bool(reward > 0)

    def close(self) -> None:
        self._env.close()
