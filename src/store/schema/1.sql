-- Times are milliseconds since 1970-01-01T00:00:00Z.

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value ANY
) STRICT, WITHOUT ROWID;

-- The ledger. A table with rowids, so that a state of two kilobytes stays on one page.
CREATE TABLE cells (
  key TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT;

CREATE TABLE sends (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  request_id INTEGER,
  fingerprint TEXT NOT NULL,
  project TEXT NOT NULL,
  model TEXT NOT NULL,
  router TEXT NOT NULL,
  outcome TEXT,
  ms INTEGER,
  tokens INTEGER,
  detail TEXT
) STRICT;
CREATE INDEX sends_at ON sends (at);

-- What Google said of a key: the number of its project, wherever it was named, and the last check (`asked`: what it
-- asked for, `result`: as the admin room wrote it, JSON).
CREATE TABLE key_facts (
  fingerprint TEXT PRIMARY KEY,
  consumer TEXT,
  checked_at INTEGER,
  asked TEXT,
  result TEXT
) STRICT, WITHOUT ROWID;

-- What operators changed while no daemon ran, until one has logged it.
CREATE TABLE offline_changes (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  verb TEXT NOT NULL,
  key TEXT,
  user INTEGER,
  note TEXT
) STRICT;

-- The id is that of the update that asked; questions from a shell count down from -1. A ref is drawn only when it is
-- shown to somebody. Written twice for every question: an index here costs a page each time.
CREATE TABLE requests (
  id INTEGER PRIMARY KEY,
  ref TEXT,
  user_id INTEGER,
  role TEXT NOT NULL,
  seatless INTEGER NOT NULL,
  task TEXT NOT NULL,
  choice TEXT,
  seed INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT,
  key TEXT,
  model TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  tokens INTEGER NOT NULL DEFAULT 0,
  reasons TEXT NOT NULL,
  plan TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX requests_ref ON requests (ref) WHERE ref IS NOT NULL;
CREATE INDEX requests_asked ON requests (asked_at);

CREATE TABLE inbox (
  arrival INTEGER PRIMARY KEY,
  update_id INTEGER NOT NULL UNIQUE,
  chat INTEGER,
  topic INTEGER,
  user INTEGER,
  raw TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER,
  ending TEXT
) STRICT;
CREATE INDEX inbox_pending ON inbox (arrival) WHERE ended_at IS NULL;
CREATE INDEX inbox_ended ON inbox (ended_at) WHERE ended_at IS NOT NULL;

-- `file`: the bytes of a file that is still to be sent.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  update_id INTEGER,
  part INTEGER NOT NULL,
  chat INTEGER NOT NULL,
  topic INTEGER,
  user INTEGER,
  reply_to INTEGER,
  content TEXT,
  buttons TEXT,
  message_id INTEGER,
  state TEXT NOT NULL CHECK (state IN ('open', 'pending', 'done')),
  created_at INTEGER NOT NULL,
  done_at INTEGER,
  file BLOB,
  UNIQUE (update_id, part)
) STRICT;
CREATE INDEX outbox_active ON outbox (state) WHERE done_at IS NULL;
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE users (
  user_id INTEGER PRIMARY KEY,
  role TEXT,
  granted_until INTEGER,
  started INTEGER NOT NULL DEFAULT 0,
  banned INTEGER NOT NULL DEFAULT 0,
  ban_reason TEXT,
  language TEXT,
  seen_language TEXT,
  model TEXT,
  username TEXT,
  first_name TEXT,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL
) STRICT;
CREATE INDEX users_name ON users (username COLLATE NOCASE) WHERE username IS NOT NULL;
CREATE INDEX users_granted ON users (granted_until) WHERE granted_until IS NOT NULL;

-- The predecessor's table, with its columns; `topic_id` is new (0: no topic). `metadata` is JSON: `triggered_by_keyword`
-- where a keyword called the bot. An id is never used again: a mark in
-- `cleared` would hide its new owner.
CREATE TABLE chat_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  chat_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  username TEXT,
  message_text TEXT NOT NULL,
  response_text TEXT NOT NULL,
  model_used TEXT,
  metadata TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL,
  topic_id INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX chat_history_conversation ON chat_history (chat_id, topic_id, user_id);
CREATE INDEX chat_history_user ON chat_history (user_id);
CREATE INDEX chat_history_created ON chat_history (created_at);

-- The latest question of each conversation, to ask it again: `round_id` is its answer in chat_history, `hidden` that the
-- conversation was begun anew since, `enclosed` what came with its words, as the shell wrote it (JSON), `keyword` the word
-- that called the bot in a group, `earlier` the updates whose messages hold the beginning of an answer that goes on (JSON).
CREATE TABLE asked (
  chat_id INTEGER NOT NULL,
  topic_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  update_id INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  question TEXT NOT NULL,
  enclosed TEXT,
  keyword TEXT,
  round_id INTEGER,
  hidden INTEGER NOT NULL DEFAULT 0,
  at INTEGER NOT NULL,
  earlier TEXT NOT NULL DEFAULT '[]',
  PRIMARY KEY (chat_id, topic_id, user_id)
) STRICT, WITHOUT ROWID;

-- The predecessor's table, with its columns: who called the bot by a keyword, where, by which last, and how often.
CREATE TABLE user_registry (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL,
  username TEXT,
  first_name TEXT,
  chat_id INTEGER NOT NULL,
  triggered_by_keyword TEXT NOT NULL,
  trigger_count INTEGER NOT NULL,
  last_triggered_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (user_id, chat_id)
) STRICT;

-- Groups that became supergroups, under their old ids.
CREATE TABLE moved_chats (
  from_id INTEGER PRIMARY KEY,
  to_id INTEGER NOT NULL
) STRICT;

-- Rounds up to `through_id` are hidden.
CREATE TABLE cleared (
  chat_id INTEGER NOT NULL,
  topic_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  through_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (chat_id, topic_id, user_id)
) STRICT, WITHOUT ROWID;
