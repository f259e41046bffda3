"""`ace playbook`."""

OFFERS = {"playbook": "app:app"}
PLACE = 200
HELP = {"playbook": "Playbooks: look at what was learned, and at how it changed."}
