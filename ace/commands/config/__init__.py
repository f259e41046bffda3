"""`ace config`, and the settings files of every command."""

OFFERS = {"config": "app:app"}
PLACE = 800
