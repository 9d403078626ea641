-- Layout 3 of the store: the pace of the machine during a trial, and what a final race decided. Besides, `phase` may be
-- knockout and `cache` may be cold.

-- The sentinel's time over its reference: median_ns / pace is comparable between the trials of a search. NULL where the
-- trial was timed without a sentinel.
ALTER TABLE trial ADD COLUMN pace REAL;
-- 1 for the record that its final race chose: the fastest if it is measurably faster than the default, else the default.
ALTER TABLE trial ADD COLUMN chosen INTEGER NOT NULL DEFAULT 0;
