import { z } from 'zod'
import { applicant, dossierCode, dossierWithApplicant } from '../dossiers/schemas.ts'
import { LARGEST_PAGE, nextCursor, pageQuery, USUAL_PAGE } from '../http/page.ts'
import { message } from '../http/problems.ts'
import { date, instant } from '../http/wire.ts'

/** A number never stands in a URL, which others write down, so a search is a body. */
export const searchBody = z
  .strictObject({
    idNumber: applicant.shape.idNumber,
    phone: applicant.shape.phone,
    limit: z
      .int()
      .min(1)
      .max(LARGEST_PAGE)
      .default(USUAL_PAGE)
      .meta({ description: 'Số mục mỗi trang · entries a page, at most 200', examples: [50] }),
    cursor: pageQuery.cursor,
  })
  .refine(({ idNumber, phone }) => (idNumber === undefined) !== (phone === undefined), {
    error: message('Nêu đúng một trong idNumber và phone.', 'Give exactly one of idNumber and phone.'),
  })
  .meta({ id: 'SearchBody', description: 'Tìm hồ sơ theo số của người nộp · find dossiers by an applicant’s number' })

export const foundPage = z
  .object({
    items: z.array(dossierWithApplicant).meta({ description: 'Mới trước · newest first' }),
    nextCursor,
  })
  .meta({ id: 'FoundPage', description: 'Hồ sơ của một người · one person’s dossiers' })

/** In a header, because others write URLs down. */
export const digitsHeader = z.object({
  'x-digits': z
    .string()
    .regex(/^\d{4}$/, { error: message('Cần đúng bốn chữ số.', 'Needs four digits.') })
    .meta({
      description:
        'Bốn chữ số cuối của số định danh hoặc điện thoại người nộp · the last four of the applicant’s identity or phone number',
      examples: ['6789'],
    }),
})

const when = (text: string) => instant.nullable().describe(text)

export const tracked = z
  .object({
    code: dossierCode,
    status: dossierWithApplicant.shape.status,
    submittedAt: when('Lúc nộp trực tuyến · submitted'),
    receivedAt: when('Lúc tiếp nhận · received'),
    dueOn: date
      .nullable()
      .meta({ description: 'Ngày hẹn trả; null khi đồng hồ dừng · due on; null while the clock stands still' }),
    dueAt: when('Giờ hẹn trả · due at'),
    finishedAt: when('Lúc có kết quả · the result was ready'),
    returnedAt: when('Lúc trả kết quả · the result was handed over'),
  })
  .meta({ id: 'TrackedDossier', description: 'Hồ sơ, cho người dân · a dossier as the public sees it' })
