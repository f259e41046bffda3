"""Agents built with a client or framework of another project are given a playbook without a change of their code.

- `ace.integrations.openai_client.wrap`: an `openai.OpenAI` or `AsyncOpenAI` client;
- `ace.integrations.litellm_callback.AceCallback`: litellm;
- `ace.integrations.pydantic_ai.AceCapability`: a Pydantic AI agent.

They are thin, and they never stand in the way. A mistake is raised where the integration is set up; from then on a failure on
our side is a warning (`ace.AceWarning`), and the call goes on as if ace were not there.
"""
