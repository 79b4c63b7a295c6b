-- The half month of an instant, in Vietnamese days; src/figures/half.ts counts the same.
CREATE FUNCTION figure_half(at timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (extract(year FROM at AT TIME ZONE interval '7 hours') * 24 + (extract(month FROM at AT TIME ZONE interval '7 hours') - 1) * 2)::integer
		+ (extract(day FROM at AT TIME ZONE interval '7 hours') >= 15)::integer
$$;--> statement-breakpoint
-- What a dossier counts for in reports: nothing before it is received or refused. The one definition of an outcome;
-- a column of figure_changes each, in their order.
CREATE FUNCTION figure_facts(d dossiers) RETURNS TABLE (
	receiving_agency text, resolving_agency text, procedure_code text, same_day boolean, intake_channel text,
	post_requested boolean, returned_channel text, received_at timestamptz, received_recorded_at timestamptz,
	returned_at timestamptz, closed_at timestamptz, closed_recorded_at timestamptz, outcome text, recorded_outcome text,
	apologized boolean, broken boolean, recorded_broken boolean, overdue_from timestamptz, first_late_from timestamptz,
	waiting_since timestamptz
) LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT d.receiving_agency, d.resolving_agency, d.procedure_code, coalesce(d."limit"->>'kind' = 'same_day', false),
		d.intake_channel, d.return_channel = 'post', d.returned_channel, d.received_at, d.received_recorded_at,
		d.returned_at, d.closed_at, d.closed_recorded_at,
		CASE
			WHEN d.status = 3 THEN 'refused'
			WHEN d.closed_at IS NULL THEN NULL
			WHEN d.finished_at IS NULL THEN CASE d.status WHEN 7 THEN 'withdrawn' ELSE 'stopped' END
			WHEN d.finished_at >= d.late_from THEN 'late'
			WHEN d.finished_at < d.on_time_from THEN 'early'
			ELSE 'on_time'
		END,
		CASE
			WHEN d.status = 3 THEN 'refused'
			WHEN d.closed_at IS NULL THEN NULL
			WHEN d.finished_at IS NULL THEN CASE d.status WHEN 7 THEN 'withdrawn' ELSE 'stopped' END
			WHEN d.closed_recorded_at >= d.late_from THEN 'late'
			WHEN d.closed_recorded_at < d.on_time_from THEN 'early'
			ELSE 'on_time'
		END,
		d.extended_at IS NOT NULL, d.finished_at >= d.first_late_from,
		CASE WHEN d.finished_at IS NOT NULL THEN d.closed_recorded_at >= d.first_late_from END,
		d.overdue_from, d.first_late_from, (d.wait->>'since')::timestamptz
	WHERE d.received_at IS NOT NULL OR d.status = 3
$$;--> statement-breakpoint
CREATE FUNCTION note_figures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP <> 'INSERT' THEN
		INSERT INTO figure_changes SELECT -1, f.* FROM figure_facts(OLD) f;
	END IF;
	IF TG_OP <> 'DELETE' THEN
		INSERT INTO figure_changes SELECT 1, f.* FROM figure_facts(NEW) f;
	END IF;
	RETURN NULL;
END $$;--> statement-breakpoint
-- The conditions are judged without calling anything, so that a move which changes no figure pays next to nothing.
CREATE TRIGGER "dossiers_figures_added" AFTER INSERT ON "dossiers" FOR EACH ROW
	WHEN (NEW."received_at" IS NOT NULL OR NEW."status" = 3)
	EXECUTE FUNCTION note_figures();--> statement-breakpoint
CREATE TRIGGER "dossiers_figures_changed" AFTER UPDATE ON "dossiers" FOR EACH ROW
	WHEN ((OLD."receiving_agency", OLD."resolving_agency", OLD."procedure_code", OLD."limit", OLD."intake_channel",
			OLD."return_channel", OLD."returned_channel", OLD."received_at", OLD."received_recorded_at", OLD."returned_at",
			OLD."closed_at", OLD."closed_recorded_at", OLD."finished_at", OLD."on_time_from", OLD."late_from",
			OLD."overdue_from", OLD."first_late_from", OLD."extended_at", OLD."wait")
		IS DISTINCT FROM
		(NEW."receiving_agency", NEW."resolving_agency", NEW."procedure_code", NEW."limit", NEW."intake_channel",
			NEW."return_channel", NEW."returned_channel", NEW."received_at", NEW."received_recorded_at", NEW."returned_at",
			NEW."closed_at", NEW."closed_recorded_at", NEW."finished_at", NEW."on_time_from", NEW."late_from",
			NEW."overdue_from", NEW."first_late_from", NEW."extended_at", NEW."wait"))
	EXECUTE FUNCTION note_figures();--> statement-breakpoint
CREATE TRIGGER "dossiers_figures_removed" AFTER DELETE ON "dossiers" FOR EACH ROW EXECUTE FUNCTION note_figures();--> statement-breakpoint
-- Rows come and go all day: what is gone is cleared away soon, or readers would walk over it.
ALTER TABLE "figure_changes" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_insert_threshold = -1);--> statement-breakpoint
CREATE TRIGGER "report_snapshots_append_only" BEFORE UPDATE OR DELETE ON "report_snapshots" FOR EACH ROW EXECUTE FUNCTION refuse_change();--> statement-breakpoint
CREATE TRIGGER "report_snapshots_never_emptied" BEFORE TRUNCATE ON "report_snapshots" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();--> statement-breakpoint
-- What was there before is as if it had just come in: reports are exact at once, and faster when it has been folded.
INSERT INTO "figure_changes" SELECT 1, f.* FROM "dossiers" d, figure_facts(d) f;
