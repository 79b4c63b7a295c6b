INSERT INTO "sealing" ("closed_until", "sealed_until") VALUES ('1970-01-01T00:00:00+07:00', '1970-01-01T00:00:00+07:00');--> statement-breakpoint
-- Triggers, not grants: they hold for the tables' owner too, who is usually the application's own role.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;--> statement-breakpoint
CREATE TRIGGER "events_append_only" BEFORE UPDATE OR DELETE ON "events" FOR EACH ROW EXECUTE FUNCTION refuse_change();--> statement-breakpoint
CREATE TRIGGER "events_never_emptied" BEFORE TRUNCATE ON "events" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();--> statement-breakpoint
CREATE TRIGGER "seals_append_only" BEFORE UPDATE OR DELETE ON "seals" FOR EACH ROW EXECUTE FUNCTION refuse_change();--> statement-breakpoint
CREATE TRIGGER "seals_never_emptied" BEFORE TRUNCATE ON "seals" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();--> statement-breakpoint
CREATE TRIGGER "refused_attempts_append_only" BEFORE UPDATE OR DELETE ON "refused_attempts" FOR EACH ROW EXECUTE FUNCTION refuse_change();--> statement-breakpoint
CREATE TRIGGER "refused_attempts_never_emptied" BEFORE TRUNCATE ON "refused_attempts" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();--> statement-breakpoint
CREATE TRIGGER "calendars_append_only" BEFORE UPDATE OR DELETE ON "calendars" FOR EACH ROW EXECUTE FUNCTION refuse_change();--> statement-breakpoint
CREATE TRIGGER "calendars_never_emptied" BEFORE TRUNCATE ON "calendars" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();--> statement-breakpoint
CREATE FUNCTION refuse_new_first_promise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the first promise of % never changes', OLD."code" USING ERRCODE = 'integrity_constraint_violation';
END $$;--> statement-breakpoint
-- The condition is judged without calling anything, so that an honest move pays next to nothing.
CREATE TRIGGER "dossiers_first_promise" BEFORE UPDATE ON "dossiers" FOR EACH ROW
	WHEN (OLD."first_due_at" IS NOT NULL AND (OLD."first_due_at" IS DISTINCT FROM NEW."first_due_at" OR OLD."first_late_from" IS DISTINCT FROM NEW."first_late_from"))
	EXECUTE FUNCTION refuse_new_first_promise();--> statement-breakpoint
CREATE FUNCTION refuse_unsealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'how far the seals reach only grows' USING ERRCODE = 'integrity_constraint_violation';
END $$;--> statement-breakpoint
CREATE TRIGGER "sealing_only_grows" BEFORE UPDATE ON "sealing" FOR EACH ROW
	WHEN (NEW."closed_until" < OLD."closed_until" OR NEW."sealed_until" < OLD."sealed_until")
	EXECUTE FUNCTION refuse_unsealing();--> statement-breakpoint
CREATE TRIGGER "sealing_kept" BEFORE DELETE ON "sealing" FOR EACH ROW EXECUTE FUNCTION refuse_unsealing();--> statement-breakpoint
-- A day that is closed for sealing takes no more events. The shared lock makes who closes it wait for whoever is
-- still writing; 7268332 is the number by which src/audit/sealing.ts knows it.
CREATE FUNCTION refuse_into_closed_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock_shared(7268332);
	IF NEW."recorded_at" < (SELECT "closed_until" FROM "sealing") THEN
		RAISE EXCEPTION 'the day of % is closed', NEW."recorded_at" USING ERRCODE = 'unique_violation', CONSTRAINT = 'events_closed_day';
	END IF;
	RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER "events_closed_day" BEFORE INSERT ON "events" FOR EACH ROW EXECUTE FUNCTION refuse_into_closed_day();
