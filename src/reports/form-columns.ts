import type { Bilingual } from '../language.ts'
import { late, type PunctualityCounts, pending, receivedInPeriod, resolved } from './punctuality.ts'

export const FORM_IDS = ['II.06a', '07a'] as const
export type FormId = (typeof FORM_IDS)[number]

/** A column of numbers, each a sum of counts, so that a total row is the same function of the summed counts. */
export type Leaf = { key: string; label: Bilingual; count: (counts: PunctualityCounts) => number }

/** A heading over others, or a column of numbers. */
export type Tree = { key: string; label: Bilingual; columns: readonly Tree[] } | Leaf

export type FormDefinition = {
  /** What the form is about, as its title says. */
  title: Bilingual
  /** What it is called. */
  name: Bilingual
  citation: string
  own: readonly Tree[]
  added: readonly Tree[]
  sums: readonly { whole: Leaf; parts: readonly Leaf[] }[]
  notes: readonly Bilingual[]
}

const leaf = (key: string, vi: string, en: string, count: Leaf['count']): Leaf => ({ key, label: { vi, en }, count })

const group = (key: string, vi: string, en: string, columns: readonly Tree[]): Tree => ({
  key,
  label: { vi, en },
  columns,
})

const receivedTotal = leaf('received', 'Tổng số', 'Total', (c) => c.carriedOver + receivedInPeriod(c))
const carriedOver = leaf('carriedOver', 'Từ kỳ trước', 'Carried over', (c) => c.carriedOver)
const online = leaf('receivedOnline', 'Trực tuyến', 'Online', (c) => c.receivedOnline)
const resolvedTotal = leaf('resolved', 'Tổng số', 'Total', resolved)
const early = leaf('early', 'Trước hạn', 'Early', (c) => c.early)
const onTime = leaf('onTime', 'Đúng hạn', 'On time', (c) => c.onTime)
const pendingTotal = leaf('pending', 'Tổng số', 'Total', pending)
/** A dossier that waits for the citizen has a term that is not over: in time. */
const pendingInTime = leaf('pendingInTime', 'Trong hạn', 'In time', (c) => c.pendingInTime + c.pendingWaiting)
const pendingOverdue = leaf('pendingOverdue', 'Quá hạn', 'Overdue', (c) => c.pendingOverdue)
const withdrawn = leaf('withdrawn', 'Công dân rút hồ sơ', 'Withdrawn', (c) => c.withdrawn)
const stopped = leaf('stopped', 'Dừng xử lý', 'Stopped', (c) => c.stopped)

const WAITING: Bilingual = {
  vi: 'Hồ sơ đang chờ bổ sung giấy tờ hoặc chờ thực hiện nghĩa vụ tài chính chưa hết thời hạn giải quyết nên được tính là trong hạn.',
  en: 'A dossier waiting for a supplement or a payment has a term that is not over, and counts as in time.',
}

/** Whoever prints a form has to know that no more was at hand than what is known of it. */
const uncompared = (vi: string, en: string): Bilingual => ({
  vi: `Tên và thứ tự các cột chưa được đối chiếu với ${vi}; cần đối chiếu trước khi dùng làm báo cáo chính thức.`,
  en: `The names and the order of the columns were not compared with ${en}; compare them before this is handed in as an official report.`,
})

const byDeskAndPost = leaf(
  'receivedDeskAndPost',
  'Trực tiếp, dịch vụ bưu chính',
  'Desk and post',
  (c) => c.receivedDesk + c.receivedPost,
)
const lateTotal = leaf('late', 'Quá hạn', 'Late', late)
const difference = leaf(
  'difference',
  'Tổng số',
  'Total',
  (c) => c.carriedOver + receivedInPeriod(c) - resolved(c) - pending(c),
)

/**
 * Form II.06a of Thông tư 01/2020/TT-VPCP. It has no column for dossiers that were withdrawn or stopped, so its
 * last sum, received = resolved + pending, cannot hold where there are any; published tables hide that, and this
 * one shows it, in columns after the form's own.
 */
const FORM_06A: FormDefinition = {
  title: {
    vi: 'TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH TẠI CƠ QUAN, ĐƠN VỊ TRỰC TIẾP GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH',
    en: 'ADMINISTRATIVE PROCEDURES RESOLVED BY THE AGENCY DIRECTLY IN CHARGE: SITUATION AND RESULTS',
  },
  name: { vi: 'Biểu số II.06a/VPCP/KSTT', en: 'Form II.06a/VPCP/KSTT' },
  citation: 'Thông tư 01/2020/TT-VPCP',
  own: [
    group('receivedGroup', 'Số lượng hồ sơ tiếp nhận', 'Dossiers received', [
      receivedTotal,
      group('receivedInPeriod', 'Trong kỳ', 'In the period', [online, byDeskAndPost]),
      carriedOver,
    ]),
    group('resolvedGroup', 'Số lượng hồ sơ đã giải quyết', 'Dossiers resolved', [
      resolvedTotal,
      early,
      onTime,
      lateTotal,
    ]),
    group('pendingGroup', 'Số lượng hồ sơ đang giải quyết', 'Dossiers pending', [
      pendingTotal,
      pendingInTime,
      pendingOverdue,
    ]),
  ],
  added: [
    group('differenceGroup', 'Chênh lệch (3) − (7) − (11)', 'Difference (3) − (7) − (11)', [
      difference,
      group('differenceParts', 'Trong đó', 'Of which', [withdrawn, stopped]),
    ]),
  ],
  sums: [
    { whole: receivedTotal, parts: [online, byDeskAndPost, carriedOver] },
    { whole: resolvedTotal, parts: [early, onTime, lateTotal] },
    { whole: pendingTotal, parts: [pendingInTime, pendingOverdue] },
    { whole: receivedTotal, parts: [resolvedTotal, pendingTotal] },
    { whole: difference, parts: [withdrawn, stopped] },
  ],
  notes: [
    {
      vi: 'Các cột (14), (15), (16) không thuộc biểu mẫu. Biểu mẫu không có cột cho hồ sơ công dân rút (15) và hồ sơ dừng xử lý (16) và cột (3) chênh với (7) + (11) bằng số hồ sơ ấy.',
      en: 'Columns (14), (15) and (16) are not part of the form. It has no column for dossiers withdrawn (15) or stopped (16), and (3) differs from (7) + (11) by these.',
    },
    WAITING,
    uncompared('phụ lục của Thông tư 01/2020/TT-VPCP', 'the annex of Thông tư 01/2020/TT-VPCP'),
  ],
}

const desk = leaf('receivedDesk', 'Trực tiếp', 'Desk', (c) => c.receivedDesk)
const post = leaf('receivedPost', 'Dịch vụ bưu chính', 'Post', (c) => c.receivedPost)
const withApology = leaf('lateWithApology', 'Quá hạn, có xin lỗi', 'Late, with an apology', (c) => c.lateWithApology)
const withoutApology = leaf(
  'lateWithoutApology',
  'Quá hạn, không xin lỗi',
  'Late, without an apology',
  (c) => c.lateWithoutApology,
)
const refused = leaf('refused', 'Từ chối tiếp nhận', 'Refused', (c) => c.refused)
const remainder = leaf('remainder', 'Chênh lệch', 'Difference', (c) => difference.count(c) - c.withdrawn - c.stopped)

/**
 * Form 07a/BTP (2026). Its newest wording could not be read: the columns follow what is known of it — intake by
 * channel, late with and without an apology, refused, stopped and withdrawn apart — and not a text in force.
 */
const FORM_07A: FormDefinition = {
  title: {
    vi: 'KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH',
    en: 'RESULTS OF RESOLVING ADMINISTRATIVE PROCEDURES',
  },
  name: { vi: 'Biểu số 07a/BTP', en: 'Form 07a/BTP' },
  citation: 'Biểu mẫu năm 2026 của Bộ Tư pháp',
  own: [
    group('receivedGroup', 'Số lượng hồ sơ tiếp nhận', 'Dossiers received', [
      receivedTotal,
      group('receivedInPeriod', 'Trong kỳ', 'In the period', [desk, post, online]),
      carriedOver,
    ]),
    group('resolvedGroup', 'Số lượng hồ sơ đã giải quyết', 'Dossiers resolved', [
      resolvedTotal,
      early,
      onTime,
      withApology,
      withoutApology,
    ]),
    group('pendingGroup', 'Số lượng hồ sơ đang giải quyết', 'Dossiers pending', [
      pendingTotal,
      pendingInTime,
      pendingOverdue,
    ]),
    refused,
    stopped,
    withdrawn,
  ],
  added: [remainder],
  sums: [
    { whole: receivedTotal, parts: [desk, post, online, carriedOver] },
    { whole: resolvedTotal, parts: [early, onTime, withApology, withoutApology] },
    { whole: pendingTotal, parts: [pendingInTime, pendingOverdue] },
    { whole: receivedTotal, parts: [resolvedTotal, pendingTotal, stopped, withdrawn] },
  ],
  notes: [
    {
      vi: 'Cột (19) = (3) − (8) − (13) − (17) − (18) không thuộc biểu mẫu; khác 0 nghĩa là số liệu có sai sót. Hồ sơ từ chối tiếp nhận (16) không tính vào số tiếp nhận (3).',
      en: 'Column (19) = (3) − (8) − (13) − (17) − (18) is not part of the form; anything but 0 is an error in the figures. Dossiers refused at intake (16) are not among those received (3).',
    },
    WAITING,
    uncompared('văn bản đang có hiệu lực', 'the text in force'),
  ],
}

export const FORM_DEFINITIONS: Readonly<Record<FormId, FormDefinition>> = { 'II.06a': FORM_06A, '07a': FORM_07A }
