"""`ace config`, and the settings files of every command."""

OFFERS = {"config": "app:app"}
PLACE = 800
HELP = {"config": "Settings from files: show the values in force and where each is set."}
