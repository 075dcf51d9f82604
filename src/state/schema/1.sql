CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

-- What files were judged by: program, patterns, models, settings. Entries name it by its number.
CREATE TABLE generation (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

CREATE TABLE root (
    key INTEGER PRIMARY KEY,      -- keyed hash of its path
    cursor BLOB,                  -- the running pass has dealt with all up to here; null: none runs
    started INTEGER,              -- the running pass, ms since 1970
    done INTEGER,                 -- end of the last whole pass, ms
    took INTEGER,                 -- its time, ms
    passes INTEGER NOT NULL DEFAULT 0
);

-- See src/state/ledger.rs for what the bytes are.
CREATE TABLE shelf (id INTEGER PRIMARY KEY, entries BLOB NOT NULL);

CREATE TABLE finding (
    id TEXT NOT NULL UNIQUE,
    place INTEGER NOT NULL,       -- keyed hash of the path of its file
    root INTEGER NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    confidence REAL NOT NULL,
    opened INTEGER NOT NULL,      -- ms since 1970
    changed INTEGER NOT NULL,
    resolved INTEGER,
    record TEXT NOT NULL,         -- as last delivered, masked
    subjects BLOB                 -- of a growing text: short fingerprints of all that were told
);
CREATE INDEX finding_place ON finding (place);
CREATE INDEX finding_resolved ON finding (resolved) WHERE resolved IS NOT NULL;

CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, line TEXT NOT NULL);
CREATE TABLE sink (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE dead (
    sink TEXT NOT NULL, seq INTEGER NOT NULL, time INTEGER NOT NULL, reason TEXT NOT NULL, line TEXT NOT NULL,
    PRIMARY KEY (sink, seq)
) WITHOUT ROWID;

CREATE TABLE tail (
    id INTEGER PRIMARY KEY,
    place INTEGER NOT NULL,       -- where the text lies, or lay
    folder INTEGER NOT NULL,
    stream INTEGER NOT NULL,      -- the place that its findings are told under
    ino INTEGER NOT NULL,
    head INTEGER NOT NULL, head_len INTEGER NOT NULL,
    read_to INTEGER NOT NULL,
    size INTEGER NOT NULL,        -- of the file when it was read
    body INTEGER,                 -- keyed hash of all before read_to, of texts that are not too large for that
    seam INTEGER NOT NULL,        -- keyed hash of the last bytes before it
    lines INTEGER NOT NULL,
    hits INTEGER NOT NULL,        -- numbers that were found in it
    marks BLOB,                   -- keyed hashes of each with its place; null: there were too many
    gone INTEGER                  -- ms, if it is not there any more
);
CREATE INDEX tail_place ON tail (place);
CREATE INDEX tail_folder ON tail (folder);
CREATE INDEX tail_stream ON tail (stream);
CREATE INDEX tail_head ON tail (head);
CREATE INDEX tail_gone ON tail (gone) WHERE gone IS NOT NULL;
