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
    "env": "Environments: list them, show one, check one against the contract.",
    "strategy": "Strategies: list them, show the settings of one.",
    "gate": "Gates: list them, show the settings of one.",
    "model": "Models: check that a model answers, and what it supports.",
    "prompts": "Custom prompts: export the stock prompts, check your own.",
}
