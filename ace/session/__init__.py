"""The library door: an existing agent reads the playbook, reports what came of it, and learns.

    import ace

    playbook = ace.open("support", store="support.db")
    with playbook.episode(task="Refund for order 1182") as ep:
        reply = my_agent(system=ep.context)
        ep.finish(success=ticket_was_solved(reply), transcript=reply)
    playbook.learn(model="openai/gpt-5-mini")

The agent stays whose it is. Nothing here calls it, wraps it or parses its prompt; it takes one text and gives one verdict.
Everything that waits is written once, async; the synchronous forms hand it to `ace.loops`.
"""
