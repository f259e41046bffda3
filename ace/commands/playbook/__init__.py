"""`ace playbook` and `ace review`."""

OFFERS = {"playbook": "app:app", "review": "review:app"}
PLACE = 200
HELP = {
    "playbook": "Playbooks: inspect and edit what was learned, and how it changed.",
    "review": "Changes held for a person: show, accept or refuse them.",
}
