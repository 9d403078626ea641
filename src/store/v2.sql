-- Layout 2: what is being measured just now. A candidate has a row here before it starts and until its record is kept.
-- So one that takes the program or the machine with it leaves its row behind, and the next run knows who it was.

CREATE TABLE flight (
    id       INTEGER PRIMARY KEY,
    owner    TEXT,              -- the file beside this one that the process which measures keeps locked;
                                -- NULL for a suspect: it was in a race that never ended, and nobody knows who ended it
    boot     TEXT,              -- which start of the machine this was, as its system numbers them; NULL if it does not
    isolated INTEGER NOT NULL,  -- 1 if a process of its own ran it, so that it cannot have ended the program
    trusted  INTEGER NOT NULL,  -- 1 for the default, which is the last to be suspected
    record   TEXT    NOT NULL   -- JSON object: the record that is kept if nothing more is heard of it
);
