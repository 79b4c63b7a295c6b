import { z } from 'zod'
import { agenciesInView } from '../access/scope.ts'
import type { Deps } from '../deps.ts'
import { refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { languageOf } from '../http/language.ts'
import { cutPage, readCursor, writeCursor } from '../http/page.ts'
import { instant, line } from '../http/wire.ts'
import type { Language } from '../language.ts'
import { flagsAnswer, flagsQuery } from './flag-schemas.ts'
import { type Counts, readCounts, readFindings } from './flag-store.ts'
import { FLAG_NAMES, FLAGS, type FlagName } from './flags/registry.ts'
import { withinDays } from './flags/within.ts'

const POSITION = z.tuple([instant, line(200)])

const flagView = (name: FlagName, count: number, language: Language) => {
  const { description, ground, judgedBy } = FLAGS[name]
  return { name, description: description[language], ground: ground[language], judgedBy: judgedBy[language], count }
}

export const flagRoutes = (app: App, { reports: { primary: db }, reference }: Deps): void => {
  app.get(
    '/v1/audit/flags',
    {
      config: { access: 'audit:read', sight: 'agencies' },
      schema: {
        operationId: 'listFlags',
        tags: ['audit'],
        summary: 'Dấu hiệu kiểm tra cần xem · what an auditor looks for',
        description:
          'Không có flag: mọi dấu hiệu với số phát hiện. Có flag: từng phát hiện với dữ kiện. Dấu hiệu không phải kết luận · without flag: every flag with its count; with flag: its findings, one by one, with the facts that show each. A flag accuses nobody.',
        querystring: flagsQuery,
        response: { 200: flagsAnswer, ...refusals('agency_not_found', 'outside_your_agency', 'invalid_cursor') },
      },
    },
    async (request) => {
      const { limit, cursor, ...filters } = request.query
      const { agency, flag, from, to } = filters
      const after = readCursor(cursor, filters, POSITION)
      const caller = callerOf(request)
      const known = await reference.current()
      const within = withinDays(agenciesInView(caller, known, agency), filters, known)
      const answer = (counts: Counts, names: readonly FlagName[]) => ({
        from,
        to,
        agency: agency ?? caller.agency,
        flags: names.map((name) => flagView(name, counts.get(name) ?? 0, languageOf(request))),
      })
      if (!flag) return { ...answer(await readCounts(db, within), FLAG_NAMES), items: null, nextCursor: null }
      const { counts, findings } = await readFindings(db, flag, within, after, limit + 1)
      const page = cutPage(findings, limit, ({ at, key }) => writeCursor(filters, [at, key]))
      return { ...answer(counts, [flag]), ...page }
    },
  )
}
