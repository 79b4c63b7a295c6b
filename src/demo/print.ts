import type { Figure, RatioAnswer } from './auditor.ts'
import type { Checks } from './checks.ts'
import type { OverdueItem, Pulled } from './commune.ts'
import type { DossierAnswer } from './front-desk.ts'
import type { DemoOptions } from './options.ts'
import { COMMUNE_PROCEDURES, type PostedProcedure } from './procedures.ts'
import { bar } from './progress.ts'
import type { Definition } from './share.ts'
import { CHANNELS, DISTRICT, LAST_DAY } from './story.ts'

/** What one commune pulled: at each month's end, and then at the end of all. */
export type CommuneView = {
  readonly code: string
  readonly name: string
  readonly monthEnds: readonly Pulled[]
  readonly atEnd: Pulled
}

/** The nine months by the usual definition, in both languages, by the others, and by the other kind of year. */
export type AuditView = {
  readonly either: RatioAnswer
  readonly inEnglish: RatioAnswer
  readonly others: readonly RatioAnswer[]
  readonly administrative: RatioAnswer
}

const WIDTH = 96
const MOST_FAILURES = 20

export const number = (value: number): string => value.toLocaleString('en-US')

/** `9/2/2021`. */
export const dateOf = (moment: string): string => {
  const [year, month, day] = moment.slice(0, 10).split('-').map(Number)
  return `${day}/${month}/${year}`
}

const heading = (title: string, key: string): readonly string[] => ['', title, `  ${key}`, '─'.repeat(WIDTH)]

export const row = (name: string, value: number): string => `    ${name.padEnd(40)}${number(value).padStart(8)}`

/** A chart's line: a name, a figure and its share of the whole. */
const bars = (whole: number, rows: readonly (readonly [name: string, value: number])[]): readonly string[] =>
  rows.map(([name, value]) => `${row(name, value)}  ${bar(value / Math.max(1, whole), 40)}`)

/** Long sentences in lines that fit. */
const wrapped = (text: string): readonly string[] => {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`
    if (line.length < WIDTH) lines.splice(-1, 1, line)
    else lines.push(` ${word}`)
  }
  return lines.map((line) => ` ${line}`)
}

export const introduction = ({ seed, dossiers }: DemoOptions): readonly string[] => [
  '',
  `Chín tháng năm 2021 của ${DISTRICT.name} (${DISTRICT.code}) · nine months of a district, 1/1–30/9/2021`,
  `${number(dossiers)} hồ sơ do máy dựng nên, hạt giống ${seed} · invented dossiers, seed ${seed}; three clients over HTTP`,
]

const CHANNEL_NAMES = {
  desk: 'trực tiếp · desk',
  post: 'bưu chính công ích · post',
  online: 'trực tuyến · online',
}

/** The first dossier whose term ran across those days off, as it was promised at receipt. */
const across = (kept: readonly DossierAnswer[], occasion: string, before: string, after: string): readonly string[] =>
  kept
    .flatMap(({ code, receivedAt, firstDueAt }) =>
      receivedAt !== null && firstDueAt !== null ? [{ code, receivedAt, dueOn: firstDueAt.slice(0, 10) }] : [],
    )
    .filter(({ receivedAt, dueOn }) => receivedAt < before && dueOn > after)
    .slice(0, 1)
    .map(
      ({ code, receivedAt, dueOn }) =>
        `    ${occasion.padEnd(26)}${code}  ${dateOf(receivedAt)} → hẹn trả · due ${dateOf(dueOn)}`,
    )

export const printDesk = (kept: readonly DossierAnswer[]): readonly string[] => {
  const inOrder = kept.toSorted((a, b) => (a.code < b.code ? -1 : 1))
  const received = kept.filter(({ receivedAt }) => receivedAt !== null)
  const finished = kept.filter(({ finishedAt }) => finishedAt !== null)
  const having = (status: string): number => kept.filter((dossier) => dossier.status.key === status).length
  const standing = (punctuality: string): number => kept.filter((dossier) => dossier.punctuality === punctuality).length
  return [
    ...heading(
      '1 · BỘ PHẬN MỘT CỬA · THE FRONT DESK',
      `khóa · key: dossiers:write, dossiers:read, dossiers:correct · ${DISTRICT.code} ${DISTRICT.name} và các xã`,
    ),
    `  Đã nộp · handed in ${number(kept.length)}, đã tiếp nhận · received ${number(received.length)}`,
    ...bars(
      received.length,
      CHANNELS.map((channel) => [
        CHANNEL_NAMES[channel],
        received.filter(({ intakeChannel }) => intakeChannel === channel).length,
      ]),
    ),
    `  Đã xử lý xong · finished ${number(finished.length)}`,
    ...bars(finished.length, [
      ['sớm hạn · early', standing('early')],
      ['đúng hạn · on time', standing('on_time')],
      ['trễ hạn · late', standing('late')],
    ]),
    `  Còn lại, đến ${dateOf(LAST_DAY)} · the rest`,
    row('quá hạn, chưa xong · open and overdue', standing('overdue')),
    row('đang chờ công dân · waiting for citizens', standing('waiting')),
    row('công dân rút · withdrawn', having('withdrawn')),
    row('không tiếp nhận · refused', having('refused')),
    row('chờ tiếp nhận · not yet accepted', having('submitted')),
    '  Hẹn trả qua ngày nghỉ · promised across days off',
    ...across(inOrder, 'Tết Tân Sửu 10–16/2', '2021-02-10', '2021-02-16'),
    ...across(inOrder, 'Giỗ Tổ 21/4', '2021-04-21', '2021-04-21'),
    ...across(inOrder, '30/4 – 3/5', '2021-04-30', '2021-05-03'),
    ...across(inOrder, 'Quốc khánh 2–3/9', '2021-09-02', '2021-09-03'),
  ]
}

const PROCEDURES = new Map<string, string>(
  Object.values<PostedProcedure>(COMMUNE_PROCEDURES).map(({ code, name }) => [code, name]),
)

const overdueRow = ({ code, dueOn, lateBy, procedureCode }: OverdueItem): string => {
  const late = `${lateBy.days} ngày (${lateBy.workingDays} làm việc)`
  return `  ${code.padEnd(24)}${dateOf(dueOn).padEnd(16)}${late.padEnd(26)}${PROCEDURES.get(procedureCode)}`
}

/** The commune with most overdue at the end has its list shown; of all, the numbers. */
export const printCommunes = (communes: readonly CommuneView[]): readonly string[] => {
  const { code, name, monthEnds, atEnd } = communes.reduce((most, one) =>
    one.atEnd.items.length > most.atEnd.items.length ? one : most,
  )
  const listed = communes.flatMap((commune) => commune.monthEnds.flatMap(({ items }) => items))
  const days = monthEnds.map(({ asOf }) => dateOf(asOf).slice(0, -5))
  return [
    ...heading(`2 · PHẦN MỀM XÃ · A COMMUNE'S SYSTEM`, `khóa · key: overdue:read · ${code} ${name}`),
    `  Quá hạn lúc 17:00 ngày ${dateOf(atEnd.asOf)} · overdue at that moment: ${atEnd.items.length}`,
    `  Trang đầu trong ${atEnd.pages.length} trang · the first of ${atEnd.pages.length} pages, most overdue first`,
    `  ${'Mã hồ sơ · code'.padEnd(24)}${'Hẹn trả · due'.padEnd(16)}${'Trễ · late'.padEnd(26)}Thủ tục · procedure`,
    ...atEnd.pages.slice(0, 1).flatMap((page) => page.map(overdueRow)),
    '',
    `  ${'Cuối tháng · month ends'.padEnd(40)}${days.map((day) => day.padStart(6)).join('')}`,
    ...communes.map(
      (commune) =>
        `  ${`${commune.code} ${commune.name}`.padEnd(40)}${commune.monthEnds.map(({ counted }) => String(counted).padStart(6)).join('')}`,
    ),
    `  ${'Trong đó đang chờ, quá hạn từ trước · waiting, overdue before'.padEnd(60)}${String(listed.filter(({ waiting }) => waiting !== null).length).padStart(34)}`,
  ]
}

const MET = { true: 'đạt · met', false: 'chưa đạt · not met', null: '–' } as const

const percent = (ratio: string | null): string => (ratio === null ? '–' : `${(Number(ratio) * 100).toFixed(1)} %`)

const figureRow = (name: string, { numerator, denominator, ratio, met }: Figure): string => {
  const share = `${number(numerator)} / ${number(denominator)}`
  return `    ${name.padEnd(38)}${share.padStart(15)}${percent(ratio).padStart(9)}   ${MET[`${met}`]}`
}

const DEFINITION_NAMES: Readonly<Record<Definition, string>> = {
  either: 'either  một trong hai chặng',
  intake: 'intake  chặng tiếp nhận',
  return: 'return  chặng trả kết quả',
  both: 'both    cả hai chặng',
  legs: 'legs    tính theo lượt',
}

export const printAudit = ({ either, inEnglish, others, administrative }: AuditView): readonly string[] => [
  ...heading('3 · THANH TRA · THE AUDITOR', `khóa · key: reports:read · ${DISTRICT.code} ${DISTRICT.name} và các xã`),
  `  Tỷ lệ bưu chính công ích · postal ratio, ${dateOf(either.period.from)}–${dateOf(either.period.to)}`,
  ...wrapped(either.definitionText),
  ...wrapped(inEnglish.definitionText),
  '',
  `  ${number(either.numerator)} / ${number(either.denominator)} = ${either.ratio} · chỉ tiêu · target: trên · above ${either.target.percent} % → ${MET[`${either.met}`].toUpperCase()}`,
  '',
  '  Theo năm cách tính · by the five definitions',
  ...[either, ...others].map((answer) => figureRow(`${DEFINITION_NAMES[answer.definition]}`, answer)),
  '  Theo tháng · by month (either)',
  ...either.groups.map((group) => figureRow(`${group.label}`, group)),
  '  Chín tháng của năm hành chính · of the administrative year (either)',
  figureRow(`${dateOf(administrative.period.from)}–${dateOf(administrative.period.to)}`, administrative),
  '  Trả qua bưu chính · return by post',
  row('đã đăng ký · asked for at intake', either.postRequested),
  row('đã giao bưu chính · handed to the post', either.returned.post),
]

export const printOutcome = ({ passed, failures }: Checks): readonly string[] => [
  '',
  '─'.repeat(WIDTH),
  ...failures.slice(0, MOST_FAILURES).map((failure) => `✗ ${failure}`),
  ...(failures.length > MOST_FAILURES ? [`✗ … ${failures.length - MOST_FAILURES} more`] : []),
  `${number(passed())} checks passed, ${number(failures.length)} failed`,
]
