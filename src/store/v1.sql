-- Layout 1 of the store: every machine that measured, every run, and every trial as it ended.

CREATE TABLE device (
    id          INTEGER PRIMARY KEY,
    adapter     TEXT    NOT NULL,
    vendor      INTEGER NOT NULL,  -- PCI numbers, 0 where there are none
    device      INTEGER NOT NULL,
    driver      TEXT    NOT NULL,
    driver_info TEXT    NOT NULL,
    api         TEXT    NOT NULL,  -- vulkan, metal, dx12
    kind        TEXT    NOT NULL,  -- discrete_gpu, integrated_gpu, virtual_gpu, cpu, other
    compiler    TEXT    NOT NULL,
    host        TEXT               -- CPU model and threads, where kernels run on the host's CPU
);

-- Two NULLs count as different in an index, so a missing host stands in it as the number 0, which no text equals.
CREATE UNIQUE INDEX device_identity
    ON device (adapter, vendor, device, driver, driver_info, api, kind, compiler, ifnull(host, 0));

-- The run numbers given out so far.
CREATE TABLE run (
    run INTEGER PRIMARY KEY
);

CREATE TABLE trial (
    id         INTEGER PRIMARY KEY,                      -- in the order of insertion
    workload   TEXT    NOT NULL,                         -- one line of text, e.g. matmul:f32:m512n512k256
    template   TEXT    NOT NULL,
    config     TEXT    NOT NULL,                         -- JSON object: the values by parameter name
    code_hash  TEXT    NOT NULL,                         -- of the emitted program
    device_id  INTEGER NOT NULL REFERENCES device (id),
    checks     INTEGER NOT NULL,                         -- mode: 1 with bounds checks compiled in
    zero_init  INTEGER NOT NULL,                         -- mode: 1 with workgroup memory zeroed
    cache      TEXT    NOT NULL,                         -- mode: warm
    phase      TEXT    NOT NULL,                         -- search, final, recheck, repeat, imported
    outcome    TEXT    NOT NULL,                         -- timed, rejected
    clock      TEXT,                                     -- timed: device, host; never compare one with the other
    samples_ns TEXT,                                     -- timed: JSON array in the order they were taken
    median_ns  REAL,                                     -- timed: the median of the samples
    stage      TEXT,                                     -- rejected: limits, validate, compile, run, verify, ...
    why        TEXT,                                     -- rejected: the reason
    prepare_ns REAL,                                     -- the program's prepare part, run once; if it has one
    worst_error REAL,                                    -- largest error as a share of the error allowed; if checked
    strategy   TEXT    NOT NULL,
    seed       INTEGER NOT NULL,                         -- 64 bits without a sign: negative here means above 2^63
    trial      INTEGER NOT NULL,                         -- number within the run, from 0
    run        INTEGER NOT NULL,                         -- the records of one final race share it
    at_ms      INTEGER NOT NULL,                         -- when it ended, in milliseconds since 1970
    tool       TEXT    NOT NULL,                         -- version of the program that measured
    format     INTEGER NOT NULL                          -- version of the record's fields and their meaning
);

-- Was exactly this measured already?
CREATE INDEX trial_code ON trial (code_hash, workload, device_id);
-- What is the fastest for this workload?
CREATE INDEX trial_best ON trial (workload, phase, clock, median_ns);
-- Which trials belong to this run?
CREATE INDEX trial_run ON trial (run, workload);
