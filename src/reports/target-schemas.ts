import { z } from 'zod'
import { nextCursor, pageQuery } from '../http/page.ts'
import { agencyCode } from '../http/wire.ts'
import { target } from './schemas.ts'

export const targetBody = z
  .strictObject({
    agency: agencyCode,
    year: z
      .int()
      .min(2000)
      .max(2199)
      .meta({ description: 'Năm · the year', examples: [2021] }),
    ...target.shape,
  })
  .meta({
    id: 'Target',
    description: 'Chỉ tiêu bưu chính của một cơ quan trong một năm · an agency’s postal target for a year',
  })

export const targetsQuery = z.strictObject({
  agency: agencyCode.optional().describe('Cơ quan này và cấp dưới · this agency and all below'),
  ...pageQuery,
})

export const targetPage = z.object({
  items: z.array(targetBody).meta({ description: 'Theo cơ quan và năm · by agency and year' }),
  nextCursor,
})
