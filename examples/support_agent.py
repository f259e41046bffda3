"""An agent you have already, with a memory: no key, no network. It guesses until its playbook tells it what to do.

python examples/support_agent.py
"""

# ruff: noqa: T201

import random
import re

import ace

ANSWERS = ("refund", "exchange", "refuse")


def agent(system: str, case: str, draw: random.Random) -> tuple[str, list[str]]:
    """Stands for yours. It follows the first lesson whose conditions hold in the case, and else guesses."""
    for id, conditions, choice in re.findall(r'\[([\w-]+)\] (.*): choose "(\w+)"', system):
        facts = re.findall(r'"(\w+)" is "(\w+)"', conditions)
        if all(f"{name}: {value}" in case.lower() for name, value in facts):
            return choice, [id]
    return draw.choice(ANSWERS), []


def was_right(case: str, reply: str) -> bool:
    """Stands for your tests, your customers, your judge."""
    right = "refuse" if "Condition: used" in case else "refund" if "Member: yes" in case else "exchange"
    return reply == right


def main() -> None:
    draw = random.Random(7)
    with ace.open("returns", store=":memory:") as playbook:
        for day in range(6):
            won = 0
            for _ in range(25):
                condition, member = draw.choice(("new", "used")), draw.choice(("yes", "no"))
                case = f"A customer returns something.\nCondition: {condition}\nMember: {member}"
                with playbook.episode(task=case) as ep:
                    reply, used = agent(ep.context, case, draw)
                    won += ep.finish(was_right(case, reply), transcript=reply, cited=used).outcome.success
            learned = playbook.learn()
            print(f"day {day + 1}: {won} of 25 right; then {learned.bullets} lessons")
        print(*(b.text for b in playbook.bullets()), sep="\n")


if __name__ == "__main__":
    main()
