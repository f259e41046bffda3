"""`ace run` and `ace eval`."""

OFFERS = {"run": "app:app", "eval": "evaluate:mount", "learn": "learn:mount"}
PLACE = 100
HELP = {
    "run": "Run an agent: measure, learn, measure again. Also: list, show, report, export, resume.",
    "learn": "Learn from attempts made elsewhere: by a program of your own, or read from its log files.",
    "eval": "Measure a playbook on cases without learning from them. Nothing in the playbook can change.",
}
