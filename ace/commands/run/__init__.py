"""`ace run` and `ace eval`."""

OFFERS = {"run": "app:app", "eval": "evaluate:mount"}
PLACE = 100
HELP = {
    "run": "Run an agent: measure, learn, measure again. Also: list, show, report, export, resume.",
    "eval": "Measure a playbook on cases without learning from them. Nothing in the playbook can change.",
}
