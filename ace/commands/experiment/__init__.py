"""`ace compare`, `ace ceiling`, `ace diversity`, `ace faithfulness`: what helped, how far, and what a playbook changed."""

OFFERS = {
    "compare": "compare:app",
    "ceiling": "ceiling_options:ceiling",
    "diversity": "app:diversity",
    "faithfulness": "app:faithfulness",
}
PLACE = 150
HELP = {
    "compare": "Compare memory methods over seeds, with intervals. Also: list, show, export, resume, extend.",
    "ceiling": "How far many attempts get without a playbook, and what a playbook adds to that.",
    "diversity": "Whether an agent narrows while its playbook grows.",
    "faithfulness": "Whether an agent's answers rest on the reasoning it shows, and on the bullets it cites.",
}
