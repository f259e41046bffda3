"""`ace compare` and `ace diversity`: what helped, and what a run or a playbook did to its agent besides its success."""

OFFERS = {"compare": "compare:app", "diversity": "app:diversity"}
PLACE = 150
HELP = {
    "compare": "Compare memory methods over seeds, with intervals. Also: list, show, export, resume, extend.",
    "diversity": "Whether an agent narrows while its playbook grows.",
}
