import { z } from 'zod'
import { nextCursor, pageQuery } from '../http/page.ts'
import { agencyCode, instant, line } from '../http/wire.ts'
import { SCOPES } from './caller.ts'

const keyId = z
  .string()
  .regex(/^key_[\w-]{1,40}$/)
  .meta({ description: 'Mã khóa, không phải bí mật · the key’s id, no secret', examples: ['key_2fJ8x0aLQmZr'] })

const fields = {
  name: line(100).meta({ description: 'Tên gợi nhớ · what it is for', examples: ['Phần mềm một cửa xã Long Thuận'] }),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .max(SCOPES.length)
    .meta({ description: 'Quyền · what it may do', examples: [['dossiers:write', 'dossiers:read']] }),
}

export const keyBody = z
  .strictObject({
    ...fields,
    agency: agencyCode
      .nullish()
      .describe(
        'Khóa thấy cơ quan này và cấp dưới; bỏ trống = toàn hệ thống · the agency it sees with all below; empty means everything',
      ),
    expiresAt: instant
      .nullish()
      .meta({ description: 'Hết hạn lúc, trong tương lai; bỏ trống = không · when it expires; empty means never' }),
  })
  .meta({ id: 'KeyBody', description: 'Khóa API để tạo · an API key to create' })

export const rotationBody = z
  .strictObject({
    overlapHours: z
      .int()
      .min(0)
      .max(168)
      .meta({
        description:
          'Số giờ các bí mật cũ còn dùng được; 0 = hết hiệu lực ngay · how many hours the earlier secrets go on working; 0 ends them at once',
        examples: [24],
      }),
  })
  .meta({ id: 'RotationBody', description: 'Thay bí mật của khóa API · how to rotate an API key' })

const by = z
  .string()
  .nullable()
  .meta({ examples: ['key_bootstrap'] })

const stored = {
  id: keyId,
  name: fields.name,
  scopes: z.array(z.enum(SCOPES)).readonly().meta({ description: 'Quyền · what it may do' }),
  agency: agencyCode.nullable().describe('Cơ quan; null = toàn hệ thống · null means everything'),
  createdAt: instant.meta({ description: 'Lúc tạo · when it was created' }),
  createdBy: by.describe(
    'Khóa, hoặc oidc:<máy khách>, hoặc command (npm run keys) · by which key, token client or command',
  ),
  expiresAt: instant.nullable().meta({ description: 'Lúc hết hạn · when it expires' }),
  lastUsedAt: instant
    .nullable()
    .meta({ description: 'Lần dùng gần nhất, chậm tối đa một phút · when it was last used, a minute late at most' }),
  revokedAt: instant.nullable().meta({ description: 'Lúc thu hồi · when it was revoked' }),
  revokedBy: by.describe('Nơi thu hồi · by whom'),
}

export const apiKey = z
  .object(stored)
  .meta({ id: 'ApiKey', description: 'Khóa API, không kèm bí mật · an API key without its secret' })

export const newApiKey = z
  .object({
    ...stored,
    key: z.string().meta({
      description: 'Khóa; chỉ hiện một lần, hãy cất giữ · the key itself; shown once, keep it',
      examples: ['motcua_m3tVb0m9yqg…'],
    }),
  })
  .meta({ id: 'NewApiKey', description: 'Khóa API vừa tạo · a new API key' })

export const keyPath = z.object({ id: keyId })

export const keysQuery = z.strictObject(pageQuery)

export const keyPage = z.object({
  items: z.array(apiKey).meta({ description: 'Theo thứ tự mã · in the order of their ids' }),
  nextCursor,
})
