"""`ace run` and `ace eval`."""

OFFERS = {"run": "app:app", "eval": "evaluate:mount", "learn": "learn:mount"}
PLACE = 100
HELP = {
    "run": "Run an agent: measure, learn, measure again. Also: list, show, report, export, resume.",
    "learn": "Learn from attempts that were made elsewhere: those of a program of yours, or files of them.",
    "eval": "Measure a playbook on cases without learning from them. Nothing in the playbook can change.",
}
