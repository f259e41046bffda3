"""`ace diversity`: what a run or a playbook did to its agent besides its success."""

OFFERS = {"diversity": "app:diversity"}
PLACE = 150
HELP = {"diversity": "Whether an agent narrows while its playbook grows."}
