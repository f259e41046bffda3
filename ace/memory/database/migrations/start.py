"""Schema 1: the tables as they first were.

The decision behind it: written out, not taken from the table classes, because those will move on and this may not.
"""

from __future__ import annotations

from sqlalchemy import Connection

TABLES = """
CREATE TABLE migrations (
    number INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    at VARCHAR NOT NULL,
    PRIMARY KEY (number)
);

CREATE TABLE playbooks (
    "key" INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    created VARCHAR NOT NULL,
    head INTEGER NOT NULL,
    origin INTEGER,
    PRIMARY KEY ("key"),
    UNIQUE (name)
);

CREATE TABLE inherited (
    playbook INTEGER NOT NULL,
    source INTEGER NOT NULL,
    episodes INTEGER NOT NULL,
    reflections INTEGER NOT NULL,
    PRIMARY KEY (playbook, source),
    FOREIGN KEY(playbook) REFERENCES playbooks ("key"),
    FOREIGN KEY(source) REFERENCES playbooks ("key")
)
 WITHOUT ROWID;

CREATE TABLE postings (
    term INTEGER NOT NULL,
    bullet INTEGER NOT NULL,
    PRIMARY KEY (term, bullet)
)
 WITHOUT ROWID;

CREATE TABLE render_texts (
    hash VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    PRIMARY KEY (hash)
);

CREATE TABLE runs (
    "key" INTEGER NOT NULL,
    id VARCHAR NOT NULL,
    form VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    config VARCHAR NOT NULL,
    result VARCHAR NOT NULL,
    started VARCHAR NOT NULL,
    ended VARCHAR NOT NULL,
    PRIMARY KEY ("key"),
    UNIQUE (id)
);

CREATE INDEX runs_by_form ON runs (form);

CREATE TABLE bullets (
    "key" INTEGER NOT NULL,
    playbook INTEGER NOT NULL,
    id VARCHAR NOT NULL,
    section VARCHAR NOT NULL,
    rank VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    pinned BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    since INTEGER NOT NULL,
    words INTEGER NOT NULL,
    gist BIGINT NOT NULL,
    parents VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    PRIMARY KEY ("key"),
    UNIQUE (playbook, id),
    FOREIGN KEY(playbook) REFERENCES playbooks ("key")
);

CREATE INDEX bullets_by_gist ON bullets (playbook, gist);

CREATE INDEX bullets_by_rank ON bullets (playbook, rank);

CREATE INDEX bullets_by_section ON bullets (playbook, section, rank);

CREATE TABLE calls (
    "key" INTEGER NOT NULL,
    run VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    ordinal INTEGER NOT NULL,
    request VARCHAR NOT NULL,
    started VARCHAR NOT NULL,
    ended VARCHAR,
    reply VARCHAR,
    error VARCHAR,
    form VARCHAR,
    calls INTEGER,
    prompt_tokens INTEGER,
    cached_tokens INTEGER,
    completion_tokens INTEGER,
    cost_usd FLOAT,
    seconds FLOAT,
    PRIMARY KEY ("key"),
    FOREIGN KEY(run) REFERENCES runs (id)
);

CREATE INDEX calls_by_place ON calls (run, unit, role, ordinal);

CREATE TABLE deltas (
    "key" INTEGER NOT NULL,
    playbook INTEGER NOT NULL,
    status VARCHAR NOT NULL,
    author VARCHAR NOT NULL,
    base VARCHAR NOT NULL,
    run VARCHAR,
    revision INTEGER,
    at VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    seal VARCHAR NOT NULL,
    PRIMARY KEY ("key"),
    FOREIGN KEY(playbook) REFERENCES playbooks ("key")
);

CREATE INDEX deltas_by_playbook ON deltas (playbook, revision);

CREATE INDEX deltas_by_run ON deltas (run);

CREATE TABLE episodes (
    "key" INTEGER NOT NULL,
    id VARCHAR NOT NULL,
    run VARCHAR,
    playbook INTEGER,
    phase VARCHAR NOT NULL,
    epoch INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    seed BIGINT NOT NULL,
    task_key VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL,
    score FLOAT,
    seconds FLOAT NOT NULL,
    prompt_hash VARCHAR NOT NULL,
    hash VARCHAR NOT NULL,
    at VARCHAR NOT NULL,
    purged VARCHAR,
    past VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    PRIMARY KEY ("key"),
    UNIQUE (id),
    FOREIGN KEY(playbook) REFERENCES playbooks ("key")
);

CREATE INDEX episodes_by_playbook ON episodes (playbook, verdict, "key");

CREATE INDEX episodes_by_run ON episodes (run, phase, "key");

CREATE INDEX episodes_by_task ON episodes (playbook, task_key, "key");

CREATE TABLE terms (
    "key" INTEGER NOT NULL,
    playbook INTEGER NOT NULL,
    term VARCHAR NOT NULL,
    df INTEGER NOT NULL,
    PRIMARY KEY ("key"),
    UNIQUE (playbook, term),
    FOREIGN KEY(playbook) REFERENCES playbooks ("key")
);

CREATE TABLE units (
    run VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    done VARCHAR,
    phase VARCHAR,
    epoch INTEGER,
    task VARCHAR,
    attempt INTEGER,
    owner VARCHAR,
    leased_until VARCHAR,
    PRIMARY KEY (run, unit),
    FOREIGN KEY(run) REFERENCES runs (id)
)
 WITHOUT ROWID;

CREATE TABLE bullet_versions (
    playbook INTEGER NOT NULL,
    bullet VARCHAR NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    delta INTEGER NOT NULL,
    position INTEGER NOT NULL,
    section VARCHAR NOT NULL,
    rank VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    pinned BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    parents VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    PRIMARY KEY (playbook, bullet, since),
    FOREIGN KEY(playbook) REFERENCES playbooks ("key"),
    FOREIGN KEY(delta) REFERENCES deltas ("key")
);

CREATE INDEX bullet_versions_by_since ON bullet_versions (playbook, since);

CREATE INDEX bullet_versions_by_until ON bullet_versions (playbook, until) WHERE until IS NOT NULL;

CREATE TABLE citations (
    bullet INTEGER NOT NULL,
    won BOOLEAN NOT NULL,
    episode INTEGER NOT NULL,
    PRIMARY KEY (bullet, won, episode),
    FOREIGN KEY(bullet) REFERENCES bullets ("key"),
    FOREIGN KEY(episode) REFERENCES episodes ("key")
)
 WITHOUT ROWID;

CREATE INDEX citations_by_episode ON citations (episode, bullet);

CREATE TABLE delta_episodes (
    delta INTEGER NOT NULL,
    position INTEGER NOT NULL,
    episode VARCHAR NOT NULL,
    PRIMARY KEY (delta, position),
    FOREIGN KEY(delta) REFERENCES deltas ("key")
)
 WITHOUT ROWID;

CREATE INDEX delta_episodes_by_episode ON delta_episodes (episode);

CREATE TABLE exposures (
    episode INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    bullet VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    shown BOOLEAN NOT NULL,
    probability FLOAT NOT NULL,
    policy VARCHAR NOT NULL,
    cited BOOLEAN NOT NULL,
    PRIMARY KEY (episode, ordinal),
    FOREIGN KEY(episode) REFERENCES episodes ("key")
)
 WITHOUT ROWID;

CREATE INDEX exposures_by_bullet ON exposures (bullet, episode);

CREATE TABLE judgements (
    delta INTEGER NOT NULL,
    position INTEGER NOT NULL,
    gate VARCHAR NOT NULL,
    passed BOOLEAN NOT NULL,
    at VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    PRIMARY KEY (delta, position),
    FOREIGN KEY(delta) REFERENCES deltas ("key")
)
 WITHOUT ROWID;

CREATE TABLE operations (
    delta INTEGER NOT NULL,
    stage VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    refused VARCHAR,
    body VARCHAR NOT NULL,
    PRIMARY KEY (delta, stage, position),
    FOREIGN KEY(delta) REFERENCES deltas ("key")
)
 WITHOUT ROWID;

CREATE TABLE records (
    bullet INTEGER NOT NULL,
    shown_won INTEGER NOT NULL,
    shown_lost INTEGER NOT NULL,
    cited_won INTEGER NOT NULL,
    cited_lost INTEGER NOT NULL,
    helpful INTEGER NOT NULL,
    harmful INTEGER NOT NULL,
    neutral INTEGER NOT NULL,
    PRIMARY KEY (bullet),
    FOREIGN KEY(bullet) REFERENCES bullets ("key")
);

CREATE TABLE reflections (
    "key" INTEGER NOT NULL,
    episode INTEGER NOT NULL,
    hash VARCHAR NOT NULL,
    at VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    PRIMARY KEY ("key"),
    UNIQUE (episode, hash),
    FOREIGN KEY(episode) REFERENCES episodes ("key")
);

CREATE TABLE repeats (
    playbook INTEGER NOT NULL,
    bullet VARCHAR NOT NULL,
    delta INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (playbook, bullet, delta, position),
    FOREIGN KEY(playbook) REFERENCES playbooks ("key"),
    FOREIGN KEY(delta) REFERENCES deltas ("key")
)
 WITHOUT ROWID;

CREATE TABLE render_revisions (
    episode INTEGER NOT NULL,
    position INTEGER NOT NULL,
    revision VARCHAR NOT NULL,
    PRIMARY KEY (episode, position),
    FOREIGN KEY(episode) REFERENCES episodes ("key")
)
 WITHOUT ROWID;

CREATE TABLE renders (
    episode INTEGER NOT NULL,
    hash VARCHAR NOT NULL,
    PRIMARY KEY (episode),
    FOREIGN KEY(episode) REFERENCES episodes ("key")
);

CREATE INDEX renders_by_hash ON renders (hash);

CREATE TABLE revisions (
    "key" INTEGER NOT NULL,
    playbook INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    bullets INTEGER NOT NULL,
    retired INTEGER NOT NULL,
    chars INTEGER NOT NULL,
    words INTEGER NOT NULL,
    delta INTEGER,
    at VARCHAR NOT NULL,
    PRIMARY KEY ("key"),
    UNIQUE (playbook, number),
    FOREIGN KEY(playbook) REFERENCES playbooks ("key"),
    FOREIGN KEY(delta) REFERENCES deltas ("key")
);

CREATE INDEX revisions_by_delta ON revisions (delta);

CREATE INDEX revisions_by_hash ON revisions (playbook, hash);

CREATE TABLE revision_parents (
    revision INTEGER NOT NULL,
    position INTEGER NOT NULL,
    parent INTEGER NOT NULL,
    PRIMARY KEY (revision, position),
    FOREIGN KEY(revision) REFERENCES revisions ("key"),
    FOREIGN KEY(parent) REFERENCES revisions ("key")
)
 WITHOUT ROWID;

CREATE TABLE votes (
    reflection INTEGER NOT NULL,
    position INTEGER NOT NULL,
    bullet VARCHAR NOT NULL,
    vote VARCHAR NOT NULL,
    PRIMARY KEY (reflection, position),
    FOREIGN KEY(reflection) REFERENCES reflections ("key")
)
 WITHOUT ROWID;

CREATE INDEX votes_by_bullet ON votes (bullet)
"""


def apply(c: Connection) -> None:
    for statement in TABLES.split(";"):
        c.exec_driver_sql(statement.strip())
