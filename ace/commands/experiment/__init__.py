"""The nouns of experiments: what helped, how sure that is, how far it reaches, and what a playbook changed in its agent."""

OFFERS = {
    "compare": "compare:app",
    "power": "power:power",
    "ceiling": "ceiling_options:ceiling",
    "diversity": "app:diversity",
    "faithfulness": "app:faithfulness",
    "attribute": "attribute_options:attribute",
    "export": "export:app",
}
PLACE = 150
HELP = {
    "compare": "Compare memory methods over seeds, with intervals. Also: show, report, experts, routes, resume, extend.",
    "power": "What a comparison can find, and how many tasks and seeds a change needs.",
    "ceiling": "How far many attempts get without a playbook, and what a playbook adds to that.",
    "diversity": "Whether an agent narrows while its playbook grows.",
    "faithfulness": "Whether an agent's answers rest on the reasoning it shows, and on the bullets it cites.",
    "attribute": "What weights did and what the playbook did: two models, each with it and without it.",
    "export": "Stored attempts as rows for programs that train weights: TRL and verl.",
}
