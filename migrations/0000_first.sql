CREATE TABLE "agencies" (
	"code" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"level" text NOT NULL,
	"parent" text,
	"calendar" text,
	"hours" jsonb
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"hash" text NOT NULL,
	"scopes" jsonb NOT NULL,
	"agency" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	"created_by" text,
	"idempotency_key" text,
	"request_hash" text,
	"salt" text,
	CONSTRAINT "api_keys_hash" UNIQUE("hash"),
	CONSTRAINT "api_keys_idempotency" UNIQUE("created_by","idempotency_key")
);
--> statement-breakpoint
CREATE TABLE "calendars" (
	"id" text NOT NULL,
	"version" integer NOT NULL,
	"name" text NOT NULL,
	"rules" jsonb NOT NULL,
	CONSTRAINT "calendars_id_version_pk" PRIMARY KEY("id","version")
);
--> statement-breakpoint
CREATE TABLE "code_sequences" (
	"agency" text NOT NULL,
	"day" date NOT NULL,
	"last" integer NOT NULL,
	CONSTRAINT "code_sequences_agency_day_pk" PRIMARY KEY("agency","day")
);
--> statement-breakpoint
CREATE TABLE "dossiers" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dossiers_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"code" text NOT NULL,
	"version" integer NOT NULL,
	"status" smallint NOT NULL,
	"procedure_code" text NOT NULL,
	"receiving_agency" text NOT NULL,
	"resolving_agency" text NOT NULL,
	"intake_channel" text NOT NULL,
	"intake_post" jsonb,
	"return_channel" text NOT NULL,
	"returned_channel" text,
	"return_post" jsonb,
	"with_verification" boolean NOT NULL,
	"source_system" text,
	"source_reference" text,
	"submitted_at" timestamp (3) with time zone,
	"acceptance_due_at" timestamp (3) with time zone,
	"received_at" timestamp (3) with time zone,
	"procedure_version" date,
	"limit" jsonb,
	"sample_limit" boolean,
	"schedule_id" integer,
	"due_on" date,
	"due_at" timestamp (3) with time zone,
	"on_time_from" timestamp (3) with time zone,
	"late_from" timestamp (3) with time zone,
	"first_due_at" timestamp (3) with time zone,
	"provisional" boolean,
	"finished_at" timestamp (3) with time zone,
	"returned_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	"last_event_at" timestamp (3) with time zone NOT NULL,
	"applicant" jsonb,
	CONSTRAINT "dossiers_code" UNIQUE("code")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"dossier_id" bigint NOT NULL,
	"number" integer NOT NULL,
	"type" text NOT NULL,
	"effective_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"facts" jsonb NOT NULL,
	"note" text,
	"key_id" text NOT NULL,
	"request_id" text NOT NULL,
	"idempotency_key" text,
	"request_hash" text NOT NULL,
	CONSTRAINT "events_number" PRIMARY KEY("dossier_id","number")
);
--> statement-breakpoint
CREATE TABLE "procedures" (
	"code" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"field" text NOT NULL,
	"post_allowed" boolean NOT NULL,
	"versions" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reference_revision" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"revision" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "schedules" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "schedules_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"calendar_id" text NOT NULL,
	"calendar_version" integer NOT NULL,
	"hours" jsonb NOT NULL,
	CONSTRAINT "schedules_once" UNIQUE("calendar_id","calendar_version","hours")
);
--> statement-breakpoint
CREATE TABLE "targets" (
	"agency" text NOT NULL,
	"year" smallint NOT NULL,
	"percent" smallint NOT NULL,
	"comparison" text NOT NULL,
	CONSTRAINT "targets_agency_year_pk" PRIMARY KEY("agency","year")
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_agency_agencies_code_fk" FOREIGN KEY ("agency") REFERENCES "public"."agencies"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dossiers" ADD CONSTRAINT "dossiers_procedure_code_procedures_code_fk" FOREIGN KEY ("procedure_code") REFERENCES "public"."procedures"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dossiers" ADD CONSTRAINT "dossiers_receiving_agency_agencies_code_fk" FOREIGN KEY ("receiving_agency") REFERENCES "public"."agencies"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dossiers" ADD CONSTRAINT "dossiers_resolving_agency_agencies_code_fk" FOREIGN KEY ("resolving_agency") REFERENCES "public"."agencies"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_dossier_id_dossiers_id_fk" FOREIGN KEY ("dossier_id") REFERENCES "public"."dossiers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "targets" ADD CONSTRAINT "targets_agency_agencies_code_fk" FOREIGN KEY ("agency") REFERENCES "public"."agencies"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "dossiers_source" ON "dossiers" USING btree ("source_system","source_reference") WHERE source_system is not null;--> statement-breakpoint
CREATE INDEX "dossiers_received" ON "dossiers" USING btree ("receiving_agency","received_at");--> statement-breakpoint
CREATE INDEX "dossiers_returned" ON "dossiers" USING btree ("receiving_agency","returned_at") WHERE returned_at is not null;--> statement-breakpoint
CREATE INDEX "dossiers_open" ON "dossiers" USING btree ("resolving_agency","late_from","id") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "dossiers_open_everywhere" ON "dossiers" USING btree ("late_from","id") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "dossiers_late" ON "dossiers" USING btree ("resolving_agency","late_from","id") WHERE closed_at >= late_from;--> statement-breakpoint
CREATE INDEX "dossiers_late_everywhere" ON "dossiers" USING btree ("late_from","id") WHERE closed_at >= late_from;--> statement-breakpoint
CREATE INDEX "dossiers_resolved_elsewhere" ON "dossiers" USING btree ("resolving_agency","received_at") WHERE resolving_agency <> receiving_agency;--> statement-breakpoint
CREATE UNIQUE INDEX "events_idempotency" ON "events" USING btree ("key_id","idempotency_key") WHERE idempotency_key is not null;