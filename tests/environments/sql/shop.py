"""A small shop as a dump, and questions about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DUMP = """BEGIN TRANSACTION;
CREATE TABLE item (id integer, name text, price real);
INSERT INTO item VALUES (1, 'lamp', 9.5);
INSERT INTO item VALUES (2, 'desk', 120);
INSERT INTO item VALUES (3, 'semi;colon', 1);
CREATE TABLE sale (item integer, day text, pieces integer);
INSERT INTO sale VALUES (1, '2024-01-01', 2);
INSERT INTO sale VALUES (1, '2024-01-02', 1);
INSERT INTO sale VALUES (2, '2024-01-02', NULL);
COMMIT;
"""
COUNT = {
    "id": "count",
    "question": "How many items are there?",
    "gold": "SELECT count(*) FROM item",
    "split": "train",
    "kind": "count",
}
NAMES = {
    "id": "names",
    "question": "Which items are there, ordered by price?",
    "gold": ["SELECT name FROM item ORDER BY price", "SELECT name, price FROM item ORDER BY price"],
    "split": "test",
    "category": "order",
}
SUM = {
    "id": "sum",
    "question": "How many pieces of each item?",
    "gold": "SELECT item, sum(pieces) FROM sale GROUP BY item",
    "split": "test",
}


def questions(path: Path, *rows: Any) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def dump(path: Path, text: str = DUMP) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
