CREATE INDEX "number_reads_at" ON "number_reads" USING brin ("at");--> statement-breakpoint
CREATE INDEX "refused_attempts_at" ON "refused_attempts" USING brin ("at");