"""`ace playbook`."""

OFFERS = {"playbook": "app:app"}
PLACE = 200
