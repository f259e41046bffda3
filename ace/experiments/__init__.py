"""Experiments: arms that differ in one thing, played over the same seeds and tasks, and what may be concluded from them."""
