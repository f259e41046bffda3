"""Agents that are built with somebody else's client or framework, given a playbook without touching their code.

- `ace.integrations.openai_client.wrap`: an `openai.OpenAI` or `AsyncOpenAI` client;
- `ace.integrations.litellm_callback.AceCallback`: litellm;
- `ace.integrations.pydantic_ai.AceCapability`: a Pydantic AI agent.

The decision behind it: they are thin, and they never stand in the way. A mistake is raised where the integration is set up;
from then on whatever goes wrong on our side is a warning (`ace.AceWarning`), and the call goes on as if ace were not there.
"""
