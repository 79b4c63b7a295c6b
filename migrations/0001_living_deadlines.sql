CREATE TABLE "earlier_standings" (
	"dossier_id" bigint NOT NULL,
	"number" integer NOT NULL,
	"from" timestamp (3) with time zone NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"resolving_agency" text NOT NULL,
	"procedure_code" text NOT NULL,
	"intake_channel" text NOT NULL,
	"late_from" timestamp (3) with time zone,
	"overdue_from" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "earlier_standings_number" PRIMARY KEY("dossier_id","number")
);
--> statement-breakpoint
CREATE TABLE "recalculations" (
	"id" text PRIMARY KEY NOT NULL,
	"calendar_id" text NOT NULL,
	"calendar_version" integer NOT NULL,
	"only_provisional" boolean NOT NULL,
	"agencies" jsonb,
	"key_id" text NOT NULL,
	"officer" text,
	"request_id" text NOT NULL,
	"idempotency_key" text,
	"request_hash" text,
	"started_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"last_dossier_id" bigint DEFAULT 0 NOT NULL,
	"examined" integer DEFAULT 0 NOT NULL,
	"moved" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "recalculations_idempotency" UNIQUE("key_id","idempotency_key")
);
--> statement-breakpoint
CREATE TABLE "refused_attempts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "refused_attempts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp (3) with time zone NOT NULL,
	"key_id" text NOT NULL,
	"officer" text,
	"agency" text,
	"request_id" text NOT NULL,
	"action" text NOT NULL,
	"dossier_code" text,
	"refusal" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sealing" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"closed_until" timestamp (3) with time zone NOT NULL,
	"sealed_until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "seals" (
	"agency" text NOT NULL,
	"day" date NOT NULL,
	"dossiers" integer NOT NULL,
	"events" integer NOT NULL,
	"root" text NOT NULL,
	"previous" text NOT NULL,
	"hash" text NOT NULL,
	"sealed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "seals_day" PRIMARY KEY("agency","day")
);
--> statement-breakpoint
ALTER TABLE "schedules" DROP CONSTRAINT "schedules_once";--> statement-breakpoint
DROP INDEX "dossiers_open";--> statement-breakpoint
DROP INDEX "dossiers_open_everywhere";--> statement-breakpoint
ALTER TABLE "agencies" ADD COLUMN "late_recording_days" smallint;--> statement-breakpoint
ALTER TABLE "calendars" ADD COLUMN "change" jsonb;--> statement-breakpoint
ALTER TABLE "dossiers" ADD COLUMN "received_recorded_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "dossiers" ADD COLUMN "clock_from" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "dossiers" ADD COLUMN "pauses" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "dossiers" ADD COLUMN "wait" jsonb;--> statement-breakpoint
ALTER TABLE "dossiers" ADD COLUMN "overdue_from" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "dossiers" ADD COLUMN "first_late_from" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "dossiers" ADD COLUMN "extended_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "dossiers" ADD COLUMN "extended_days" smallint;--> statement-breakpoint
ALTER TABLE "dossiers" ADD COLUMN "closed_recorded_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "dossiers" ADD COLUMN "stands_from" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "dossiers" ADD COLUMN "head" text;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "recorded_late" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "officer" text;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "agency" text;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "hash" text;--> statement-breakpoint
-- What version 0.1.0 left: its promises were never moved, so they are what they were at receipt.
UPDATE "dossiers" d SET
	"clock_from" = "received_at",
	"overdue_from" = "late_from",
	"first_late_from" = "late_from",
	"stands_from" = coalesce("received_at", "submitted_at", "last_event_at"),
	"received_recorded_at" = (SELECT "recorded_at" FROM "events" e WHERE e."dossier_id" = d."id" AND e."type" IN ('received', 'accepted')),
	"closed_recorded_at" = (SELECT "recorded_at" FROM "events" e WHERE e."dossier_id" = d."id" AND e."type" IN ('finished', 'refused', 'withdrawn'));--> statement-breakpoint
UPDATE "events" e SET "agency" = d."receiving_agency" FROM "dossiers" d WHERE d."id" = e."dossier_id";--> statement-breakpoint
-- The canonical form that src/audit/chain.ts writes: members sorted, no spaces.
CREATE FUNCTION pg_temp.canonical(value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN CASE jsonb_typeof(value)
		WHEN 'object' THEN '{' || coalesce((SELECT string_agg(to_jsonb(key)::text || ':' || pg_temp.canonical(member), ',' ORDER BY key COLLATE "C") FROM jsonb_each(value) AS members(key, member)), '') || '}'
		WHEN 'array' THEN '[' || coalesce((SELECT string_agg(pg_temp.canonical(item), ',' ORDER BY place) FROM jsonb_array_elements(value) WITH ORDINALITY AS items(item, place)), '') || ']'
		ELSE value::text
	END;
END $$;--> statement-breakpoint
DO $$
DECLARE
	event record;
	previous text;
	iso constant text := 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';
BEGIN
	FOR event IN SELECT e.*, d."code" FROM "events" e JOIN "dossiers" d ON d."id" = e."dossier_id" ORDER BY e."dossier_id", e."number" LOOP
		IF event.number = 1 THEN previous := ''; END IF;
		previous := encode(sha256(convert_to(previous || encode(sha256(convert_to(pg_temp.canonical(jsonb_build_array(
			event.number, event.type,
			to_char(event.effective_at AT TIME ZONE 'UTC', iso), to_char(event.recorded_at AT TIME ZONE 'UTC', iso),
			event.recorded_late,
			CASE WHEN event.facts ? 'intake' THEN jsonb_set(event.facts, '{intake,code}', '""') ELSE event.facts END,
			event.note, event.key_id, event.officer, event.agency, event.request_id, event.idempotency_key, event.request_hash
		)), 'UTF8')), 'hex') || event.code, 'UTF8')), 'hex');
		UPDATE "events" SET "hash" = previous WHERE "dossier_id" = event.dossier_id AND "number" = event.number;
		UPDATE "dossiers" SET "head" = previous WHERE "id" = event.dossier_id;
	END LOOP;
END $$;--> statement-breakpoint
ALTER TABLE "dossiers" ALTER COLUMN "stands_from" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "dossiers" ALTER COLUMN "head" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "events" ALTER COLUMN "agency" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "events" ALTER COLUMN "hash" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "schedules" ADD COLUMN "places" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
CREATE INDEX "earlier_standings_until" ON "earlier_standings" USING btree ("resolving_agency","until");--> statement-breakpoint
CREATE INDEX "recalculations_open" ON "recalculations" USING btree ("started_at") WHERE finished_at is null;--> statement-breakpoint
CREATE INDEX "refused_attempts_dossier" ON "refused_attempts" USING btree ("dossier_code") WHERE dossier_code is not null;--> statement-breakpoint
CREATE INDEX "seals_by_day" ON "seals" USING btree ("day");--> statement-breakpoint
CREATE INDEX "events_recorded" ON "events" USING brin ("recorded_at");--> statement-breakpoint
CREATE INDEX "dossiers_open" ON "dossiers" USING btree ("resolving_agency","overdue_from","id") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "dossiers_open_everywhere" ON "dossiers" USING btree ("overdue_from","id") WHERE closed_at is null;--> statement-breakpoint
ALTER TABLE "schedules" ADD CONSTRAINT "schedules_once" UNIQUE("calendar_id","calendar_version","hours","places");