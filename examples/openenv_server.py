"""A server of the OpenEnv protocol to try the environment `openenv` with: a parcel counter whose rules have to be found out.

pip install 'evolving-playbook[openenv]'
python examples/openenv_server.py --house 1 --port 8000 --rules rules.txt
ace compare openenv --set url=http://127.0.0.1:8000 --set rules=rules.txt --arms empty,majority,oracle-book,ace \\
    --episodes 100 --eval 100

A parcel is told by facts; its weight is told only after the action `weigh`. The counter's rules, which `--house` draws, decide
how it has to be sent, and no text says them: the server answers with reward 1 or 0. `--rules` writes them to a file.
"""

import argparse
import http
import json
import random
import sys
from contextlib import suppress
from pathlib import Path

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

WEIGH = "weigh"
WAYS = ("road", "air", "courier", "customs", "return")
WORDS = {
    "destination": ("town", "island", "abroad", "mountains"),
    "contents": ("books", "glass", "food", "batteries"),
    "sender": ("shop", "office", "private"),
}
NUMBERS = {"weight": (1, 40), "value": (5, 400)}
SCHEMA = {"properties": {"move": {"enum": [WEIGH, *WAYS], "type": "string"}}, "required": ["move"]}

Parcel = dict[str, str | int]
Rule = tuple[dict[str, str | int], str]
"""What a parcel must have (a word, or at least so many), and how it is then sent."""


def parcel(seed: int) -> Parcel:
    draw = random.Random(seed)
    words = {name: draw.choice(values) for name, values in WORDS.items()}
    return {**words, **{name: draw.randint(*bounds) for name, bounds in NUMBERS.items()}}


def holds(conditions: dict[str, str | int], told: Parcel) -> bool:
    return all(told[n] == v if isinstance(v, str) else int(told[n]) >= v for n, v in conditions.items())


class House:
    """The rules of one counter: the first that holds decides, and the last has no condition."""

    def __init__(self, number: int) -> None:
        draw = random.Random(number)
        while True:
            self.rules = self._drawn(draw)
            sent = [self.way(parcel(seed)) for seed in range(500)]
            # Each rule decides some parcels, and none of them most.
            if all(0.08 <= sent.count(way) / 500 <= 0.4 for way in WAYS):
                return

    def _drawn(self, draw: random.Random) -> list[Rule]:
        words, ways = draw.sample(list(WORDS), 3), draw.sample(WAYS, 5)
        word = [{name: draw.choice(WORDS[name])} for name in words]
        heavy, dear = {"weight": draw.randrange(10, 35, 5)}, {"value": draw.randrange(100, 350, 50)}
        conditions = [{**word[0], **heavy}, word[0], {**word[1], **dear}, word[2], {}]
        return [(dict(needed), way) for needed, way in zip(conditions, ways, strict=True)]

    def way(self, told: Parcel) -> str:
        return next(way for needed, way in self.rules if holds(needed, told))

    def lines(self) -> list[str]:
        """The rules as lessons (docs/triggers.md)."""
        found = [f'Before answering, take "{WEIGH}".']
        for needed, way in self.rules:
            said = [f'"{n}" is "{v}"' if isinstance(v, str) else f'"{n}" is at least {v}' for n, v in needed.items()]
            found.append(f'{"When " + " and ".join(said) if said else "In every other case"}: choose "{way}".')
        return found


class Session:
    """One connection: one parcel at a time."""

    def __init__(self, house: House) -> None:
        self._house, self._parcel = house, parcel(0)

    def answer(self, message: dict[str, dict[str, str]]) -> dict[str, object]:
        data = message.get("data", {})
        if message["type"] == "reset":
            self._parcel = parcel(int(data.get("seed", 0)))
            return self._seen({n: v for n, v in self._parcel.items() if n != "weight"})
        if data.get("move") == WEIGH:
            return self._seen({"weight": self._parcel["weight"]})
        if data.get("move") not in WAYS:
            return {
                "type": "error",
                "data": {"message": f"move is one of {WEIGH}, {', '.join(WAYS)}", "code": "VALIDATION_ERROR"},
            }
        return self._seen({"text": "The parcel is sent."}, float(data["move"] == self._house.way(self._parcel)))

    def _seen(self, told: Parcel, reward: float | None = None) -> dict[str, object]:
        return {"type": "observation", "data": {"observation": told, "reward": reward, "done": reward is not None}}


def server(house: House, port: int) -> Server:
    def talk(socket: ServerConnection) -> None:
        session = Session(house)
        for text in socket:
            message = json.loads(text)
            if message["type"] == "close":
                return
            socket.send(json.dumps(session.answer(message)))

    def schema(socket: ServerConnection, request: Request) -> Response | None:
        if request.path != "/schema":
            return None
        body = json.dumps({"action": SCHEMA, "observation": {}}).encode()
        return Response(http.HTTPStatus.OK, "OK", Headers({"Content-Type": "application/json"}), body)

    return serve(talk, "127.0.0.1", port, process_request=schema)


def main() -> None:
    wanted = argparse.ArgumentParser(description="A parcel counter behind the OpenEnv protocol.")
    wanted.add_argument("--house", type=int, default=0, help="the number that draws its rules")
    wanted.add_argument("--port", type=int, default=8000)
    wanted.add_argument("--rules", type=Path, help="a file to write its rules to")
    given = wanted.parse_args()
    house = House(given.house)
    try:
        if given.rules:
            given.rules.write_text("\n".join(house.lines()) + "\n", encoding="utf-8")
        running = server(house, given.port)
    except (OSError, OverflowError) as error:
        sys.exit(f"the server cannot start: {error}")
    with running, suppress(KeyboardInterrupt):
        running.serve_forever()


if __name__ == "__main__":
    main()
