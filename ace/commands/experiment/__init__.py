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
    "power": "What differences a comparison can detect, and how many tasks and seeds that takes.",
    "ceiling": "How far many independent attempts get without a playbook, and what a playbook adds.",
    "diversity": "Whether an agent's behaviour narrows while its playbook grows.",
    "faithfulness": "Whether an agent's answers rest on the reasoning it shows, and on the bullets it cites.",
    "attribute": "Separate the effect of trained weights from that of the playbook: two models, each with it and without it.",
    "export": "Export stored attempts as training data for TRL and verl.",
}
