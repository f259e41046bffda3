"""How far static demonstrations reach: success over their number, and on tasks of which none shows what they need."""
