"""Which attempts a request may see, as a condition on rows of episodes: a trusted request sees trusted ones alone."""

from __future__ import annotations

SEEN = "(:least = 'untrusted' OR e.trust = 'trusted')"
"""Of the table of episodes as `e`; `least` is the trust of the request."""
