"""`ace env`, `ace strategy`, `ace gate`, `ace model` and `ace prompts`: what a run is made of, looked at by itself."""

OFFERS = {
    "env": "env:app",
    "strategy": "strategies_and_gates:strategy",
    "gate": "strategies_and_gates:gate",
    "model": "model:app",
    "prompts": "prompts:app",
}
PLACE = 400
HELP = {
    "env": "Environments: list them, look at one, check that one keeps the contract.",
    "strategy": "Strategies: list them, show the settings of one.",
    "gate": "Gates: list them, show the settings of one.",
    "model": "Models: check that one answers, and how.",
    "prompts": "Prompts of your own: export the stock ones, check yours.",
}
