DROP INDEX "dossiers_open";--> statement-breakpoint
CREATE INDEX "dossiers_overdue_until_closed" ON "dossiers" USING gist (tstzrange(least("overdue_from", "closed_at"), "closed_at")) WHERE closed_at > overdue_from;--> statement-breakpoint
CREATE INDEX "dossiers_due" ON "dossiers" USING brin ("overdue_from" timestamptz_minmax_multi_ops);--> statement-breakpoint
CREATE INDEX "dossiers_open" ON "dossiers" USING btree ("resolving_agency","overdue_from","id","stands_from") WHERE closed_at is null;