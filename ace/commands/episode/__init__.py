"""`ace episode`, and `ace proxy`, which goes over one again."""

OFFERS = {"episode": "app:app", "proxy": "moved:app"}
PLACE = 300
HELP = {
    "episode": "Episodes: the attempts, with what was shown, done, said and concluded.",
    "proxy": "Proxy decoding: which tokens of a reply the playbook changed.",
}
