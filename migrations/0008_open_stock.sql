ALTER TABLE "figure_totals" ADD COLUMN "open" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "figure_totals" ADD COLUMN "recorded_open" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
-- What was folded before: what is open has been taken and has not ended.
UPDATE "figure_totals" SET
	"open" = "taken_desk" + "taken_post" + "taken_online"
		- "early" - "on_time" - "late" - "late_apologized" - "withdrawn" - "stopped",
	"recorded_open" = "recorded_taken_desk" + "recorded_taken_post" + "recorded_taken_online"
		- "recorded_early" - "recorded_on_time" - "recorded_late" - "recorded_late_apologized" - "recorded_withdrawn" - "recorded_stopped";
