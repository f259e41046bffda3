"""`ace playbook` and `ace review`."""

OFFERS = {"playbook": "app:app", "review": "review:app"}
PLACE = 200
HELP = {
    "playbook": "Playbooks: look at what was learned, and at how it changed.",
    "review": "Changes that wait for a person: look at them, accept or refuse them.",
}
