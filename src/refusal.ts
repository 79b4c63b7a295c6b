import type { Bilingual } from './language.ts'

/** Every reason this application has to say no. `http/problems.ts` turns each into a status and a text. */
export type RefusalCode =
  | 'invalid_input'
  | 'invalid_cursor'
  | 'unauthenticated'
  | 'scope_missing'
  | 'scope_not_yours'
  | 'token_without_agency'
  | 'outside_your_agency'
  | 'whole_system_only'
  | 'route_not_found'
  | 'dossier_not_found'
  | 'track_not_found'
  | 'tracked_too_often'
  | 'agency_not_found'
  | 'procedure_not_found'
  | 'calendar_not_found'
  | 'key_not_found'
  | 'recalculation_not_found'
  | 'snapshot_not_found'
  | 'level_out_of_order'
  | 'calendar_not_covering'
  | 'no_working_time'
  | 'no_limit_in_force'
  | 'no_verification_term'
  | 'post_not_allowed'
  | 'illegal_move'
  | 'already_extended'
  | 'extended_too_late'
  | 'recorded_too_late'
  | 'too_many_events'
  | 'version_mismatch'
  | 'no_clock'
  | 'key_ended'
  | 'too_many_secrets'
  | 'code_taken'
  | 'source_conflict'
  | 'concurrent_change'
  | 'idempotency_mismatch'
  | 'idempotency_running'
  | 'too_many_groups'
  | 'too_much_happened_since'
  | 'too_many_snapshots'
  | 'no_certification_field'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'malformed_request'
  | 'headers_too_large'
  | 'sent_too_slowly'
  | 'too_many_requests'
  | 'overloaded'
  | 'not_ready'
  | 'issuer_unavailable'
  | 'database_unavailable'
  | 'took_too_long'
  | 'storage_full'
  | 'internal'

/** One field that stands in the way: an RFC 6901 pointer into the request, and what to do, in both languages. */
export type FieldError = { pointer: string; detail: Bilingual }

export type RefusalFacts = Record<string, string | number | boolean | null | readonly string[] | undefined>

/** The one error that this application throws on purpose. `facts` fill the text; they never hold personal data. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly facts: RefusalFacts
  readonly errors: readonly FieldError[]

  constructor(code: RefusalCode, facts: RefusalFacts = {}, errors: readonly FieldError[] = []) {
    super(code)
    this.name = 'Refusal'
    this.code = code
    this.facts = facts
    this.errors = errors
  }
}

/** Refuses the request because of one named field. */
export const invalid = (pointer: string, vi: string, en: string): Refusal =>
  new Refusal('invalid_input', {}, [{ pointer, detail: { vi, en } }])
