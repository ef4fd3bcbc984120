"""The tables of alerts.sqlite. Moments are ISO 8601 in UTC, so that they sort as text."""

from __future__ import annotations

VERSION = 1

SCHEMA = """
CREATE TABLE IF NOT EXISTS rules (
  name TEXT PRIMARY KEY, source TEXT NOT NULL CHECK (source IN ('file', 'form')), document TEXT NOT NULL,
  changed_by TEXT NOT NULL, changed_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS targets (name TEXT PRIMARY KEY, kind TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS progress (
  rule TEXT PRIMARY KEY, revision TEXT NOT NULL, judged_to INTEGER NOT NULL, problem TEXT);
CREATE TABLE IF NOT EXISTS watches (
  rule TEXT NOT NULL, client TEXT, subject TEXT, since INTEGER, raised INTEGER, good_since INTEGER,
  value REAL, peak REAL);
CREATE UNIQUE INDEX IF NOT EXISTS one_watch ON watches (rule, coalesce(client, ''), coalesce(subject, ''));
CREATE TABLE IF NOT EXISTS alerts (
  id TEXT PRIMARY KEY, rule TEXT NOT NULL, title TEXT NOT NULL, severity TEXT NOT NULL, measure TEXT,
  unit TEXT NOT NULL, comparison TEXT NOT NULL, threshold REAL NOT NULL, of_agents INTEGER NOT NULL,
  per TEXT NOT NULL, client TEXT, subject TEXT, site TEXT,
  since TEXT NOT NULL, raised_at TEXT NOT NULL, value REAL NOT NULL, peak REAL NOT NULL,
  sql TEXT NOT NULL, evidence TEXT NOT NULL,
  acknowledged_at TEXT, acknowledged_by TEXT, note TEXT, escalated_at TEXT, cleared_at TEXT, cleared_because TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS one_open_alert ON alerts (rule, coalesce(client, ''), coalesce(subject, ''))
  WHERE cleared_at IS NULL;
CREATE INDEX IF NOT EXISTS alerts_by_time ON alerts (raised_at);
CREATE TABLE IF NOT EXISTS deliveries (
  key TEXT PRIMARY KEY, alert TEXT NOT NULL REFERENCES alerts (id), event TEXT NOT NULL, target TEXT NOT NULL,
  body TEXT NOT NULL, made_at TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at TEXT NOT NULL,
  delivered_at TEXT, given_up_at TEXT, problem TEXT);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (next_at) WHERE delivered_at IS NULL AND given_up_at IS NULL;
"""
