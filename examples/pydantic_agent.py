"""A Pydantic AI agent with a playbook. `pip install 'evolving-playbook[pydantic-ai]'`

python examples/pydantic_agent.py                                              # a stand-in for a model, no key, no network
MODEL=openai:gpt-5-mini OPENAI_API_KEY=... python examples/pydantic_agent.py
"""

# ruff: noqa: T201

import os

from pydantic_ai import Agent

import ace
from ace.integrations.pydantic_ai import AceCapability


def main() -> None:
    with ace.open("orders") as playbook:
        model = os.environ.get("MODEL", "test")
        agent = Agent(model, instructions="You work at a support desk.", capabilities=[AceCapability(playbook)])

        @agent.tool_plain
        def look_up(order: int) -> str:
            """Look an order up."""
            return f"order {order} left the house yesterday"

        for order in (1182, 1183, 1184):
            run = agent.run_sync(f"Where is order {order}?")
            playbook.report(run.run_id, success="yesterday" in run.output)
        print(playbook.learn(model="novice"))


if __name__ == "__main__":
    main()
