"""An agent that calls a tool through the openai client, with a playbook, its loop untouched.

OPENAI_API_KEY=... python examples/openai_agent.py
"""

# ruff: noqa: T201

import json
import os

from openai import OpenAI

import ace
from ace.integrations.openai_client import wrap

MODEL = os.environ.get("MODEL", "gpt-5-mini")
PARAMETERS = {"type": "object", "properties": {"order": {"type": "integer"}}, "required": ["order"]}
TOOL = {"type": "function", "function": {"name": "look_up", "description": "Look an order up.", "parameters": PARAMETERS}}


def agent(client: OpenAI, question: str) -> str:
    """Any loop of your own; it knows nothing of playbooks."""
    messages = [{"role": "system", "content": "You work at a support desk."}, {"role": "user", "content": question}]
    for _ in range(5):
        said = client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL]).choices[0].message
        if not said.tool_calls:
            break
        messages.append(said)
        for call in said.tool_calls:
            order = json.loads(call.function.arguments).get("order")
            messages.append({"role": "tool", "tool_call_id": call.id, "content": f"order {order} left the house yesterday"})
    return said.content or ""


def main() -> None:
    with ace.open("orders") as playbook:
        client = wrap(OpenAI(), playbook)
        for order in (1182, 1183, 1184):
            with playbook.episode(task=f"Where is order {order}?") as ep:
                reply = agent(client, f"Where is order {order}?")
                ep.finish(success="yesterday" in reply)
        print(playbook.learn(model=f"openai/{MODEL}"))


if __name__ == "__main__":
    main()
