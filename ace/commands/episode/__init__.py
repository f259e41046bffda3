"""`ace episode`."""

OFFERS = {"episode": "app:app"}
PLACE = 300
