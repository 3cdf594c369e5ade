import type { Database } from './database.ts'
import { transaction } from './transaction.ts'

/**
 * The schema, one step per version. Steps are only ever added.
 *
 * `texts` holds each distinct string once (sites, campaigns, currencies, sets of tags, pages), `series` each distinct set of what events have in
 * common, so that a ledger row is mostly small integers. In a series currency 0 is none.
 * `lag` is the time from occurrence to receipt, a small number where the time of receipt is a large one.
 * `counters` are `received`, `duplicates`, `verdict NAME` and `failed CODE`.
 * `heads` points to the row with the present state of an event of which the ledger has several.
 * `keys` is the index by order and lead id.
 * `adjustments` tells which event a correction went to, `due` what waits for the end of its validation period.
 * `archive` has the sums of events that the ledger no longer holds, from the start of their quarter of an hour (or a cut in it) on; `archived_ids` their ids.
 * `vitals` counts measurements by value, `vital_ids` remembers those of late so that a later value takes their place.
 * `totals` has one row per (campaign, dimension, slot of time UTC, value, site, type, currency), once for each grain of time; dimension 0 and
 * value 0 stand for the whole. `recent` has sums that are not yet in there. `split` are the values that totals of a campaign tell apart.
 */
const MIGRATIONS = [
  `
  CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    site INTEGER NOT NULL, campaign INTEGER NOT NULL, type INTEGER NOT NULL, verdict INTEGER NOT NULL, witness INTEGER NOT NULL,
    currency INTEGER NOT NULL, tags INTEGER NOT NULL,
    UNIQUE (site, campaign, type, verdict, witness, currency, tags)
  ) STRICT;
  CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY,
    replaces INTEGER,
    id BLOB NOT NULL,
    occurred_at INTEGER NOT NULL,
    lag INTEGER NOT NULL,
    campaign INTEGER NOT NULL,
    series INTEGER NOT NULL,
    viewable INTEGER NOT NULL,
    view_ratio INTEGER,
    view_ms INTEGER,
    view_area INTEGER,
    value INTEGER,
    page INTEGER,
    evidence TEXT
  ) STRICT;
  CREATE UNIQUE INDEX ledger_by_id ON ledger (id) WHERE replaces IS NULL;
  CREATE INDEX ledger_by_time ON ledger (campaign, occurred_at);
  CREATE TABLE heads (id BLOB PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE keys (
    site INTEGER NOT NULL, kind INTEGER NOT NULL, key TEXT NOT NULL, id BLOB NOT NULL,
    PRIMARY KEY (site, kind, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE totals (
    campaign INTEGER NOT NULL, dimension INTEGER NOT NULL, grain INTEGER NOT NULL, slot INTEGER NOT NULL, value INTEGER NOT NULL,
    site INTEGER NOT NULL, type INTEGER NOT NULL, currency INTEGER NOT NULL,
    count INTEGER NOT NULL, viewable INTEGER NOT NULL, amount INTEGER NOT NULL,
    PRIMARY KEY (campaign, dimension, grain, slot, value, site, type, currency)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE recent (
    quarter INTEGER NOT NULL, series INTEGER NOT NULL, count INTEGER NOT NULL, viewable INTEGER NOT NULL, amount INTEGER NOT NULL,
    PRIMARY KEY (quarter, series)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE archive (
    series INTEGER NOT NULL, at INTEGER NOT NULL, count INTEGER NOT NULL, viewable INTEGER NOT NULL, amount INTEGER NOT NULL,
    PRIMARY KEY (series, at)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE archived_ids (id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE INDEX series_by_campaign ON series (campaign);
  CREATE TABLE vitals (
    campaign INTEGER NOT NULL, quarter INTEGER NOT NULL, name INTEGER NOT NULL, rating INTEGER NOT NULL, bucket INTEGER NOT NULL,
    site INTEGER NOT NULL, page INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (campaign, quarter, name, rating, bucket, site, page)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE vital_ids (
    id BLOB PRIMARY KEY, at INTEGER NOT NULL,
    campaign INTEGER NOT NULL, quarter INTEGER NOT NULL, name INTEGER NOT NULL, rating INTEGER NOT NULL, bucket INTEGER NOT NULL,
    site INTEGER NOT NULL, page INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX vital_ids_by_age ON vital_ids (at);
  CREATE TABLE vital_pages (campaign INTEGER NOT NULL, page INTEGER NOT NULL, PRIMARY KEY (campaign, page)) STRICT, WITHOUT ROWID;
  CREATE TABLE split (
    campaign INTEGER NOT NULL, dimension INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (campaign, dimension, value)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE failed (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, site TEXT NOT NULL, code TEXT NOT NULL, field TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE adjustments (
    site INTEGER NOT NULL, id TEXT NOT NULL, event BLOB NOT NULL, campaign INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (site, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX adjustments_by_time ON adjustments (campaign, at);
  CREATE TABLE due (at INTEGER NOT NULL, id BLOB NOT NULL, PRIMARY KEY (at, id)) STRICT, WITHOUT ROWID;
  CREATE INDEX failed_by_key ON failed (site, code);
  CREATE TABLE counters (name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE salts (day INTEGER PRIMARY KEY, salt BLOB NOT NULL) STRICT;
  CREATE TABLE config (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, value TEXT NOT NULL
  ) STRICT;
  `,
]

/** Brings the schema to the newest version, each step in a transaction of its own. Throws on a schema from a newer Tallymark. */
export function migrate(database: Database): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
  if (version > MIGRATIONS.length) throw new Error(`its schema ${version} is of a newer Tallymark; upgrade this one`)
  MIGRATIONS.slice(version).forEach((sql, i) => {
    transaction(database, () => {
      // Another process may have taken this step while we waited for the lock.
      if (Number(database.prepare('PRAGMA user_version').get()?.user_version) !== version + i) return
      database.exec(sql)
      database.exec(`PRAGMA user_version = ${version + i + 1}`)
    })
  })
}
