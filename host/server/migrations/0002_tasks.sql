-- Collaborations and who of their members has joined.
CREATE TABLE collaboration (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    encoded BLOB NOT NULL
) STRICT;

CREATE TABLE member (
    collaboration BLOB NOT NULL REFERENCES collaboration (id),
    organization BLOB NOT NULL REFERENCES organization (fingerprint),
    joined INTEGER,
    PRIMARY KEY (collaboration, organization)
) STRICT, WITHOUT ROWID;

CREATE INDEX member_organization ON member (organization);

-- Components, which are public.
CREATE TABLE algorithm (
    digest BLOB PRIMARY KEY NOT NULL CHECK (length(digest) = 32),
    name TEXT NOT NULL,
    organization BLOB REFERENCES organization (fingerprint),
    added INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE component_piece (
    digest BLOB NOT NULL REFERENCES algorithm (digest),
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (digest, number)
) STRICT;

-- The key statements that manifests name, as they were when the manifests came.
CREATE TABLE named_statement (
    hash BLOB PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
    encoded BLOB NOT NULL
) STRICT;

CREATE TABLE run (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    collaboration BLOB NOT NULL REFERENCES collaboration (id),
    requester BLOB NOT NULL REFERENCES organization (fingerprint),
    manifest BLOB NOT NULL,
    -- The signed statement that it is closed.
    closing BLOB
) STRICT;

CREATE INDEX run_requester ON run (requester);

-- Whose nodes have not answered yet that they closed a run.
CREATE TABLE unanswered_closing (
    run BLOB NOT NULL REFERENCES run (id),
    organization BLOB NOT NULL REFERENCES organization (fingerprint),
    PRIMARY KEY (run, organization)
) STRICT, WITHOUT ROWID;

CREATE TABLE task (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    run BLOB NOT NULL REFERENCES run (id),
    ordinal INTEGER NOT NULL,
    digest BLOB NOT NULL REFERENCES algorithm (digest),
    manifest BLOB NOT NULL,
    deadline INTEGER NOT NULL,
    killed INTEGER NOT NULL DEFAULT 0,
    -- When all arguments were there, and when all executions had ended.
    offered INTEGER,
    ended INTEGER,
    UNIQUE (run, ordinal)
) STRICT;

CREATE INDEX open_task ON task (deadline) WHERE ended IS NULL;
CREATE INDEX ended_task ON task (ended) WHERE ended IS NOT NULL;

CREATE TABLE execution (
    task BLOB NOT NULL REFERENCES task (id),
    seat INTEGER NOT NULL,
    organization BLOB NOT NULL REFERENCES organization (fingerprint),
    role TEXT NOT NULL,
    -- The hash of the key statement that the manifest names.
    statement BLOB NOT NULL REFERENCES named_statement (hash),
    state TEXT NOT NULL DEFAULT 'offered',
    kind TEXT NOT NULL DEFAULT '',
    -- The hash of the sealed arguments, once they are there.
    arguments BLOB,
    PRIMARY KEY (task, seat)
) STRICT, WITHOUT ROWID;

CREATE INDEX execution_organization ON execution (organization);

-- How far each stream is: the number of the frame that comes next, and of the first one that the
-- receiver has not taken.
CREATE TABLE stream (
    task BLOB NOT NULL REFERENCES task (id),
    sender INTEGER NOT NULL,
    receiver INTEGER NOT NULL,
    next INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    PRIMARY KEY (task, sender, receiver)
) STRICT, WITHOUT ROWID;

-- Sealed pieces of parcels that their receivers have not taken. Their rows are found by a rowid,
-- since pieces are large.
CREATE TABLE frame (
    task BLOB NOT NULL,
    sender INTEGER NOT NULL,
    receiver INTEGER NOT NULL,
    number INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    piece INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (task, sender, receiver, number),
    FOREIGN KEY (task, sender, receiver) REFERENCES stream (task, sender, receiver)
) STRICT;
