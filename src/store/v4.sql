-- Layout 4 of the store: what fixed kernels found out about a device. The newest row of a device counts.

CREATE TABLE probe (
    id        INTEGER PRIMARY KEY,                      -- in the order of insertion
    device_id INTEGER NOT NULL REFERENCES device (id),
    at_ms     INTEGER NOT NULL,                         -- when it ended, in milliseconds since 1970
    probe     TEXT    NOT NULL                          -- JSON object: numbers with intervals, samples and how they were taken
);
