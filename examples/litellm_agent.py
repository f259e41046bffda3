"""Many questions at once through litellm, with a playbook, each reported when its outcome is known.

OPENAI_API_KEY=... python examples/litellm_agent.py
"""

# ruff: noqa: T201

import asyncio
import os

import litellm

import ace
from ace.integrations.litellm_callback import AceCallback

MODEL = os.environ.get("MODEL", "openai/gpt-5-mini")
QUESTIONS = {"What is the capital of France?": "Paris", "And of Australia?": "Canberra", "And of Brazil?": "Bras"}


async def main() -> None:
    with ace.open("capitals") as playbook:
        litellm.callbacks = [AceCallback(playbook)]
        asked = [[{"role": "user", "content": question}] for question in QUESTIONS]
        answers = await asyncio.gather(*(litellm.acompletion(model=MODEL, messages=messages) for messages in asked))
        for answer, right in zip(answers, QUESTIONS.values(), strict=True):
            await playbook.areport(answer.id, success=right in (answer.choices[0].message.content or ""))
        print(await playbook.alearn(model=MODEL))
    await litellm.close_litellm_async_clients()


if __name__ == "__main__":
    asyncio.run(main())
