CREATE TABLE "key_secrets" (
	"hash" text PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone,
	"created_by" text,
	"idempotency_key" text,
	"request_hash" text,
	"salt" text,
	CONSTRAINT "key_secrets_idempotency" UNIQUE("created_by","idempotency_key")
);
--> statement-breakpoint
ALTER TABLE "api_keys" DROP CONSTRAINT "api_keys_hash";--> statement-breakpoint
ALTER TABLE "api_keys" DROP CONSTRAINT "api_keys_idempotency";--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "expires_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "last_used_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "revoked_by" text;--> statement-breakpoint
ALTER TABLE "key_secrets" ADD CONSTRAINT "key_secrets_key_api_keys_id_fk" FOREIGN KEY ("key") REFERENCES "public"."api_keys"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "key_secrets_key" ON "key_secrets" USING btree ("key");--> statement-breakpoint
-- The keys of before go on with the secret that they have.
INSERT INTO "key_secrets" ("hash", "key", "created_at", "created_by", "idempotency_key", "request_hash", "salt")
	SELECT "hash", "id", "created_at", "created_by", "idempotency_key", "request_hash", "salt" FROM "api_keys";--> statement-breakpoint
ALTER TABLE "api_keys" DROP COLUMN "hash";--> statement-breakpoint
ALTER TABLE "api_keys" DROP COLUMN "idempotency_key";--> statement-breakpoint
ALTER TABLE "api_keys" DROP COLUMN "request_hash";--> statement-breakpoint
ALTER TABLE "api_keys" DROP COLUMN "salt";