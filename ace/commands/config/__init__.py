"""`ace config`, and the settings files of every command."""

OFFERS = {"config": "app:app"}
PLACE = 800
HELP = {"config": "Settings from files: see which values hold, and where they are from."}
