-- Organizations and all statements of their keys; the one with the highest number counts.
CREATE TABLE organization (
    fingerprint BLOB PRIMARY KEY NOT NULL CHECK (length(fingerprint) = 32),
    registered INTEGER NOT NULL
) STRICT;

CREATE TABLE statement (
    fingerprint BLOB NOT NULL REFERENCES organization (fingerprint),
    number INTEGER NOT NULL,
    pem TEXT NOT NULL,
    PRIMARY KEY (fingerprint, number)
) STRICT;

-- Tokens of people, of which only the hash is kept.
CREATE TABLE token (
    hash BLOB PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
    name TEXT NOT NULL,
    organization BLOB REFERENCES organization (fingerprint),
    expires INTEGER NOT NULL
) STRICT;
