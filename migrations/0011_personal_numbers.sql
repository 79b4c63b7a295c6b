CREATE TABLE "number_reads" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "number_reads_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp (3) with time zone NOT NULL,
	"key_id" text NOT NULL,
	"officer" text,
	"agency" text,
	"request_id" text NOT NULL,
	"action" text NOT NULL,
	"dossier_code" text,
	"dossiers" integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX "number_reads_dossier" ON "number_reads" USING btree ("dossier_code") WHERE dossier_code is not null;--> statement-breakpoint
CREATE INDEX "dossiers_id_number" ON "dossiers" USING btree (("applicant" -> 'idNumber' ->> 'index'),"id") WHERE applicant -> 'idNumber' ->> 'index' is not null;--> statement-breakpoint
CREATE INDEX "dossiers_phone" ON "dossiers" USING btree (("applicant" -> 'phone' ->> 'index'),"id") WHERE applicant -> 'phone' ->> 'index' is not null;--> statement-breakpoint
CREATE TRIGGER "number_reads_append_only" BEFORE UPDATE OR DELETE ON "number_reads" FOR EACH ROW EXECUTE FUNCTION refuse_change();--> statement-breakpoint
CREATE TRIGGER "number_reads_never_emptied" BEFORE TRUNCATE ON "number_reads" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
