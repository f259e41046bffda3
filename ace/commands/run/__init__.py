"""`ace run` and `ace eval`."""

OFFERS = {"run": "app:app", "eval": "evaluate:mount"}
PLACE = 100
