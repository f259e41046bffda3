"""`ace episode`."""

OFFERS = {"episode": "app:app"}
PLACE = 300
HELP = {"episode": "Episodes: the attempts, with what was shown, done, said and concluded."}
