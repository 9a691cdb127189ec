// The tables of the catalog, as migrations that only grow: number n is applied to a catalog of version n. What the rows mean
// is in `rows.ts`. Columns are named as the fields they fill.

export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE recordings (
    id TEXT PRIMARY KEY,
    cameraId TEXT NOT NULL,
    startMs INTEGER NOT NULL,
    endMs INTEGER,                       -- NULL: it is running
    durationMs INTEGER NOT NULL DEFAULT 0, -- sums over the kept segments
    bytes INTEGER NOT NULL DEFAULT 0,
    reasons INTEGER NOT NULL,            -- bits, see rows.ts
    peakLevel REAL NOT NULL DEFAULT 0,
    interrupted INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX recordingsByStart ON recordings (startMs, id);
  CREATE INDEX recordingsByCamera ON recordings (cameraId, startMs, id);
  CREATE INDEX recordingsRunning ON recordings (id) WHERE endMs IS NULL;

  CREATE TABLE segments (
    id TEXT PRIMARY KEY,
    recordingId TEXT NOT NULL,
    cameraId TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    startMs INTEGER NOT NULL,
    durationMs INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    mimeType TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    bootId TEXT NOT NULL,
    startSinceBootMs INTEGER NOT NULL,
    wallSynchronised INTEGER,            -- NULL: nobody could say
    state TEXT NOT NULL CHECK (state IN ('open', 'kept', 'garbage'))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX segmentsByRecording ON segments (recordingId, startMs, durationMs, bytes, state);
  CREATE INDEX segmentsByAge ON segments (startMs, bytes) WHERE state = 'kept';
  CREATE INDEX segmentsUnsettled ON segments (state) WHERE state <> 'kept';

  CREATE TABLE stills (
    path TEXT PRIMARY KEY,
    recordingId TEXT NOT NULL,
    atMs INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'kept', 'garbage'))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX stillsByRecording ON stills (recordingId);
  CREATE INDEX stillsUnsettled ON stills (state) WHERE state <> 'kept';

  CREATE TABLE events (
    id TEXT PRIMARY KEY,
    cameraId TEXT NOT NULL,
    startMs INTEGER NOT NULL,
    peakMs INTEGER NOT NULL,
    endMs INTEGER,                       -- NULL: it goes on
    level REAL NOT NULL,
    recordingId TEXT,
    mail TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX eventsOpen ON events (id) WHERE endMs IS NULL;
  CREATE INDEX eventsByStart ON events (startMs, id);
  CREATE INDEX eventsByCamera ON events (cameraId, startMs, id);
  CREATE INDEX eventsByRecording ON events (recordingId, startMs);
  `,
  `
  ALTER TABLE stills ADD COLUMN eventId TEXT; -- NULL: a still of the recording; else that event's difference picture
  CREATE INDEX stillsByEvent ON stills (eventId) WHERE eventId IS NOT NULL;
  ALTER TABLE events ADD COLUMN confirmed INTEGER; -- NULL: nobody looked again, or could
  ALTER TABLE events ADD COLUMN changedPercent REAL;
  ALTER TABLE events ADD COLUMN changedX REAL;
  ALTER TABLE events ADD COLUMN changedY REAL;
  `,
  `
  ALTER TABLE events ADD COLUMN zones TEXT; -- names as a JSON array; NULL: no zones are set
  `,
  `
  ALTER TABLE segments ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0; -- in its camera's chain; 0: not known
  ALTER TABLE recordings ADD COLUMN starred INTEGER NOT NULL DEFAULT 0; -- stays until its owner says otherwise
  CREATE INDEX segmentsByCamera ON segments (cameraId, startMs);
  CREATE INDEX segmentsByChain ON segments (cameraId, sequence);
  `,
  `
  -- With row numbers: what was recorded together lies together, and a day of the timeline is read from few places of the file.
  CREATE TABLE segmentsInOrder (
    id TEXT NOT NULL UNIQUE,
    recordingId TEXT NOT NULL,
    cameraId TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    startMs INTEGER NOT NULL,
    durationMs INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    mimeType TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    bootId TEXT NOT NULL,
    startSinceBootMs INTEGER NOT NULL,
    wallSynchronised INTEGER,            -- whether its time is known; NULL: nobody could say
    state TEXT NOT NULL CHECK (state IN ('open', 'kept', 'garbage')),
    sequence INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO segmentsInOrder SELECT * FROM segments ORDER BY startMs, id;
  DROP TABLE segments;
  ALTER TABLE segmentsInOrder RENAME TO segments;
  CREATE INDEX segmentsByRecording ON segments (recordingId, startMs, durationMs, bytes, state);
  CREATE INDEX segmentsByAge ON segments (startMs, bytes) WHERE state = 'kept';
  CREATE INDEX segmentsUnsettled ON segments (state) WHERE state <> 'kept';
  CREATE INDEX segmentsByCamera ON segments (cameraId, startMs, id);
  CREATE INDEX segmentsByChain ON segments (cameraId, sequence);
  CREATE INDEX segmentsByBoot ON segments (bootId, startSinceBootMs);

  ALTER TABLE recordings ADD COLUMN timeUnknown INTEGER NOT NULL DEFAULT 0; -- the clock was not right, and is not known since

  ALTER TABLE events ADD COLUMN bootId TEXT; -- NULL: before this was noted
  ALTER TABLE events ADD COLUMN startSinceBootMs INTEGER;
  CREATE INDEX eventsByBoot ON events (bootId, startSinceBootMs) WHERE bootId IS NOT NULL;
  `,
  `
  CREATE INDEX recordingsUnstarred ON recordings (cameraId, startMs, id) WHERE starred = 0;
  CREATE INDEX recordingsStarred ON recordings (cameraId, bytes) WHERE starred = 1;
  CREATE INDEX recordingsContinuous ON recordings (cameraId, startMs, id) WHERE starred = 0 AND (reasons & 6) = 2;
  CREATE INDEX eventsLong ON events (cameraId, endMs) WHERE endMs - startMs > 86400000;

  -- What is kept of each camera: sums that triggers carry along, as summing a million rows takes too long to be asked often.
  -- INSERT OR REPLACE fires no trigger for the row it replaces, so that one is taken away before.
  CREATE TABLE kept (
    cameraId TEXT PRIMARY KEY,
    segments INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO kept SELECT cameraId, count(*), sum(bytes) FROM segments WHERE state = 'kept' GROUP BY cameraId;
  CREATE TRIGGER keptReplaced BEFORE INSERT ON segments BEGIN
    UPDATE kept SET
      segments = segments - (SELECT count(*) FROM segments s
        WHERE s.state = 'kept' AND s.cameraId = kept.cameraId AND (s.id = new.id OR s.path = new.path)),
      bytes = bytes - (SELECT coalesce(sum(s.bytes), 0) FROM segments s
        WHERE s.state = 'kept' AND s.cameraId = kept.cameraId AND (s.id = new.id OR s.path = new.path))
    WHERE cameraId IN (SELECT s.cameraId FROM segments s WHERE s.state = 'kept' AND (s.id = new.id OR s.path = new.path));
  END;
  CREATE TRIGGER keptAdded AFTER INSERT ON segments WHEN new.state = 'kept' BEGIN
    INSERT INTO kept SELECT new.cameraId, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM kept WHERE cameraId = new.cameraId);
    UPDATE kept SET segments = segments + 1, bytes = bytes + new.bytes WHERE cameraId = new.cameraId;
  END;
  CREATE TRIGGER keptRemoved AFTER DELETE ON segments WHEN old.state = 'kept' BEGIN
    UPDATE kept SET segments = segments - 1, bytes = bytes - old.bytes WHERE cameraId = old.cameraId;
  END;
  CREATE TRIGGER keptChanged AFTER UPDATE OF state, bytes, cameraId ON segments BEGIN
    INSERT INTO kept SELECT new.cameraId, 0, 0
      WHERE new.state = 'kept' AND NOT EXISTS (SELECT 1 FROM kept WHERE cameraId = new.cameraId);
    UPDATE kept SET segments = segments - 1, bytes = bytes - old.bytes WHERE old.state = 'kept' AND cameraId = old.cameraId;
    UPDATE kept SET segments = segments + 1, bytes = bytes + new.bytes WHERE new.state = 'kept' AND cameraId = new.cameraId;
  END;
  `,
  `
  -- All that a day of one camera needs, so that the table itself is not read; 80 bytes more per segment than before.
  DROP INDEX segmentsByCamera;
  CREATE INDEX segmentsOnTimeline
    ON segments (cameraId, startMs, id, recordingId, durationMs, bytes, mimeType, width, height) WHERE state = 'kept';
  CREATE INDEX recordingsLong ON recordings (cameraId, endMs) WHERE endMs - startMs > 86400000;
  `,
];
