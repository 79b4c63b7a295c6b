CREATE TABLE "heartbeats" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"written_at" timestamp with time zone NOT NULL
);
