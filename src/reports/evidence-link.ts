import { formatInstant } from '../sla/date.ts'

/** The reports by their paths. */
export const REPORTS = ['channel-ratio', 'punctuality', 'ii-06a', '07a'] as const
export type ReportName = (typeof REPORTS)[number]

/**
 * Where the dossiers behind a report's numbers are listed: a URL template (RFC 6570) that takes a number's path in the
 * answer, such as `received.desk`, as its `figure`.
 */
export const evidenceLink = (report: ReportName, query: object, group?: string): string => {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, value instanceof Date ? formatInstant(value) : String(value))
  }
  if (group !== undefined) parameters.set('group', group)
  return `/v1/reports/${report}/evidence?${parameters}{&figure}`
}
