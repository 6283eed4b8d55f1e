-- The tables that the hub fills (connectycube_hub_postgres). As their owner, once, and
-- again with a later version: what is there stays.
--
--   psql -d DATABASE -f postgresql.sql
--
-- A user for the hub that may do nothing else; whoever only reads needs SELECT alone:
--
--   CREATE ROLE hub LOGIN PASSWORD '...';
--   GRANT INSERT, SELECT ON calls TO hub;
--   GRANT INSERT, SELECT, UPDATE ON recordings TO hub;
--
-- Columns that are left out are not filled; more of them, with defaults, do no
-- harm. Times are UTC. See docs/HUB.md and docs/RECORDS.md.

SET client_min_messages = warning; -- what is there already is no news

CREATE TABLE IF NOT EXISTS calls (
	id          uuid PRIMARY KEY,
	linked_id   uuid,
	host        text,
	extension   text,
	call_id     text,
	session     text,
	direction   text,
	from_user   text,
	from_number text,
	from_name   text,
	from_uri    text,
	to_user     text,
	to_number   text,
	to_name     text,
	to_uri      text,
	rung_first  text,
	dialled     text,
	agent       text,
	platform    text,
	started     timestamptz,
	rang        timestamptz,
	answered    timestamptz,
	ended       timestamptz,
	pdd_ms      bigint,
	ring_ms     bigint,
	setup_ms    bigint,
	bill_ms     bigint,
	hold_ms     bigint,
	hold_count  integer,
	disposition text,
	class       text,
	reason      text,
	sip_code    integer,
	q850        integer,
	hung_up_by  text,
	verdict     text,
	department  text,
	trace       text,
	tag_local   text,
	tag_remote  text,
	flight      text,
	channel     text,
	channel_linked text,
	kind        text,
	record      jsonb
);

-- Of a table that was made before there were these
ALTER TABLE calls
	ADD COLUMN IF NOT EXISTS department text,
	ADD COLUMN IF NOT EXISTS trace      text,
	ADD COLUMN IF NOT EXISTS tag_local  text,
	ADD COLUMN IF NOT EXISTS tag_remote text,
	ADD COLUMN IF NOT EXISTS flight     text,
	ADD COLUMN IF NOT EXISTS from_number text,
	ADD COLUMN IF NOT EXISTS to_number   text,
	ADD COLUMN IF NOT EXISTS rung_first  text,
	ADD COLUMN IF NOT EXISTS channel     text,
	ADD COLUMN IF NOT EXISTS channel_linked text,
	ADD COLUMN IF NOT EXISTS kind        text;

-- ... filled of what is there, unless there is no column `record`
DO $$ BEGIN
	UPDATE calls SET from_number = record->'from'->>'number', to_number = record->'to'->>'number',
		rung_first = record->>'rung_first'
		WHERE from_number IS NULL AND to_number IS NULL AND rung_first IS NULL AND
		coalesce(record->'from'->>'number', record->'to'->>'number', record->>'rung_first')
			IS NOT NULL;
	UPDATE calls SET channel = record->>'channel', channel_linked = record->>'channel_linked'
		WHERE channel IS NULL AND record->>'channel' IS NOT NULL;
	UPDATE calls SET kind = coalesce(record->>'kind', 'bridge') WHERE kind IS NULL;
EXCEPTION WHEN undefined_column THEN
	NULL;
END $$;

-- The same of recordings (connectycube_hub_postgres_recordings): one that had failed may be
-- there after all, hence UPDATE. See docs/RECORDING.md

CREATE TABLE IF NOT EXISTS recordings (
	id          uuid PRIMARY KEY,
	record_id   uuid,
	linked_id   uuid,
	host        text,
	extension   text,
	call        bigint,
	call_id     text,
	session     text,
	direction   text,
	from_user   text,
	from_number text,
	from_name   text,
	from_uri    text,
	to_user     text,
	to_number   text,
	to_name     text,
	to_uri      text,
	mode        text,
	started_by  text,
	started     timestamptz,
	ended       timestamptz,
	duration_ms bigint,
	state       text,
	reason      text,
	file        text,
	format      text,
	bytes       bigint,
	sha256      text,
	encrypted   boolean,
	recording   jsonb
);

-- Of a table that was made before there was this
ALTER TABLE recordings
	ADD COLUMN IF NOT EXISTS record_id uuid;

CREATE INDEX IF NOT EXISTS recordings_record_id ON recordings (record_id);
CREATE INDEX IF NOT EXISTS recordings_started ON recordings (started);
CREATE INDEX IF NOT EXISTS recordings_extension ON recordings (extension, started);
CREATE INDEX IF NOT EXISTS recordings_linked_id ON recordings (linked_id);

CREATE INDEX IF NOT EXISTS calls_started ON calls (started);
CREATE INDEX IF NOT EXISTS calls_extension ON calls (extension, started);
CREATE INDEX IF NOT EXISTS calls_linked_id ON calls (linked_id);
CREATE INDEX IF NOT EXISTS calls_trace ON calls (trace);
CREATE INDEX IF NOT EXISTS calls_from_number ON calls (from_number, started);
CREATE INDEX IF NOT EXISTS calls_to_number ON calls (to_number, started);
