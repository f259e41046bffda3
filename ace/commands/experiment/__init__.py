"""`ace compare`, `ace diversity`, `ace faithfulness`: what helped, and what a playbook did to its agent besides its success."""

OFFERS = {"compare": "compare:app", "diversity": "app:diversity", "faithfulness": "app:faithfulness"}
PLACE = 150
HELP = {
    "compare": "Compare memory methods over seeds, with intervals. Also: list, show, export, resume, extend.",
    "diversity": "Whether an agent narrows while its playbook grows.",
    "faithfulness": "Whether an agent's answers rest on the reasoning it shows, and on the bullets it cites.",
}
