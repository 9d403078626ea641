-- Layout 5 of the store: what devices can do, as packs for others like them ask. The newest word of a device counts.

CREATE TABLE facts (
    device_id INTEGER PRIMARY KEY REFERENCES device (id),
    facts     TEXT    NOT NULL                          -- JSON object: identity, limits and features
);
