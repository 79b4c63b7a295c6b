import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import t from 'tap'
import { foldChanges } from '../src/figures/folding.ts'
import type { FormHeading } from '../src/reports/form-layout.ts'
import { type Form, type FormColumn, officialForm } from '../src/reports/forms.ts'
import {
  NO_PUNCTUALITY,
  PUNCTUALITY_NAMES,
  type PunctualityCounts,
  punctualityFigures,
  sumPunctuality,
} from '../src/reports/punctuality.ts'
import { formWorkbook } from '../src/reports/workbook.ts'
import { move, take } from './support/asking.ts'
import { openDesk } from './support/desk.ts'
import { readWorkbook } from './support/workbook.ts'

/** 140 came in, 12 of them carried over; all are accounted for. */
const COUNTS: PunctualityCounts = {
  carriedOver: 12,
  receivedDesk: 60,
  receivedPost: 30,
  receivedOnline: 38,
  early: 50,
  onTime: 40,
  lateWithApology: 6,
  lateWithoutApology: 4,
  refused: 9,
  withdrawn: 3,
  stopped: 2,
  pendingInTime: 20,
  pendingOverdue: 10,
  pendingWaiting: 5,
}

/** Any counts in which every dossier that came in has gone out or is still there. */
const someCounts = fc.tuple(...PUNCTUALITY_NAMES.map(() => fc.nat(1_000_000))).map((numbers): PunctualityCounts => {
  const counts = { ...NO_PUNCTUALITY }
  PUNCTUALITY_NAMES.forEach((name, i) => {
    counts[name] = numbers[i] ?? 0
  })
  const { remainder } = punctualityFigures(counts, 'current')
  return remainder > 0
    ? { ...counts, pendingInTime: counts.pendingInTime + remainder }
    : { ...counts, receivedDesk: counts.receivedDesk - remainder }
})

const someGroups = fc.array(someCounts, { maxLength: 6 }).map((all) => new Map(all.map((each, i) => [`f${i}`, each])))

const formOf = (id: 'II.06a' | '07a', counts: PunctualityCounts, label = 'Hộ tịch'): Form =>
  officialForm(id, new Map([['ho-tich', counts]]), () => label)

const leavesOf = (column: FormColumn): readonly FormColumn[] =>
  column.columns.length === 0 ? [column] : column.columns.flatMap(leavesOf)

const HEADING: FormHeading = {
  agency: 'Ủy ban nhân dân xã Long Thuận',
  from: '2020-12-15',
  to: '2021-12-14',
  asOf: new Date('2021-12-15T01:30:00Z'),
  madeBy: 'Nguyễn Văn An',
  by: 'effective',
  asOfBy: null,
  madeAt: new Date('2021-12-15T02:00:00Z'),
  language: 'vi',
}

const opened = async (form: Form, heading: Partial<FormHeading> = {}) =>
  readWorkbook(await formWorkbook(form, { ...HEADING, ...heading }))

/** A row of cells, from column A on. */
const rowOf = (cells: ReadonlyMap<string, string | number>, row: number, columns: number) =>
  Array.from({ length: columns }, (_, i) => cells.get(`${String.fromCharCode(65 + i)}${row}`))

t.test('punctuality is told in exact integers, with both rates by name', async (t) => {
  t.strictSame(punctualityFigures(COUNTS, 'current'), {
    carriedOver: 12,
    received: { desk: 60, post: 30, online: 38, total: 128 },
    resolved: { early: 50, onTime: 40, late: 10, lateWithApology: 6, lateWithoutApology: 4, total: 100 },
    refused: 9,
    withdrawn: 3,
    stopped: 2,
    pending: { inTime: 20, overdue: 10, waiting: 5, total: 35 },
    rates: {
      onTimeOfResolved: { numerator: 90, denominator: 100, ratio: '0.900000' },
      onTimeOfReceived: { numerator: 90, denominator: 140, ratio: '0.642857' },
    },
    remainder: 0,
  })
  t.strictSame(
    punctualityFigures(COUNTS, 'first').resolved,
    { early: null, onTime: 90, late: 10, lateWithApology: 6, lateWithoutApology: 4, total: 100 },
    'a first promise is kept or broken: none is early',
  )
  const { rates, remainder } = punctualityFigures(NO_PUNCTUALITY, 'current')
  t.strictSame([rates.onTimeOfResolved.ratio, rates.onTimeOfReceived.ratio, remainder], [null, null, 0])
  t.equal(punctualityFigures({ ...COUNTS, stopped: 0 }, 'current').remainder, 2, 'what is unaccounted for is shown')
})

t.test('counts add up to the whole, name by name', async (t) => {
  t.strictSame(sumPunctuality([]), NO_PUNCTUALITY)
  fc.assert(
    fc.property(someGroups, (groups) => {
      const all = [...groups.values()]
      const sum = sumPunctuality(all)
      for (const name of PUNCTUALITY_NAMES) {
        if (sum[name] !== all.reduce((whole, each) => whole + each[name], 0)) return false
      }
      return punctualityFigures(sum, 'current').remainder === 0
    }),
    { seed: 7, numRuns: 100 },
  )
})

t.test('form II.06a has the columns of the circular, and shows what its last sum leaves out', async (t) => {
  const form = formOf('II.06a', COUNTS)
  const leaves = form.columns.flatMap(leavesOf)
  t.strictSame(
    leaves.map(({ number }) => number),
    Array.from({ length: 16 }, (_, i) => i + 1),
  )
  t.strictSame(
    leaves.map(({ key }) => form.total.values[key]),
    [undefined, undefined, 140, 38, 90, 12, 100, 50, 40, 10, 35, 25, 10, 5, 3, 2],
    'waiting is in time',
  )
  t.strictSame(
    leaves.filter(({ added }) => added).map(({ number }) => number),
    [14, 15, 16],
  )
  t.strictSame(form.rows[0]?.identities, [
    { text: '(3) = (4) + (5) + (6)', holds: true, remainder: 0 },
    { text: '(7) = (8) + (9) + (10)', holds: true, remainder: 0 },
    { text: '(11) = (12) + (13)', holds: true, remainder: 0 },
    { text: '(3) = (7) + (11)', holds: false, remainder: 5 },
    { text: '(14) = (15) + (16)', holds: true, remainder: 0 },
  ])
  t.strictSame(form.total.identities, form.rows[0]?.identities)
})

t.test('form 07a tells channels, apologies, refusals, stops and withdrawals apart', async (t) => {
  const form = formOf('07a', COUNTS)
  const leaves = form.columns.flatMap(leavesOf)
  t.strictSame(
    leaves.map(({ key }) => form.total.values[key]),
    [undefined, undefined, 140, 60, 30, 38, 12, 100, 50, 40, 6, 4, 35, 25, 10, 9, 2, 3, 0],
  )
  t.strictSame(form.total.identities.at(-1), { text: '(3) = (8) + (13) + (17) + (18)', holds: true, remainder: 0 })
  const wrong = formOf('07a', { ...COUNTS, carriedOver: 13 })
  t.equal(wrong.total.identities.at(-1)?.holds, false)
  t.equal(wrong.total.values.remainder, 1)
})

t.test('for any counts the sums of both forms hold but for the dossiers withdrawn and stopped', async () => {
  fc.assert(
    fc.property(someGroups, (groups) => {
      const circular = officialForm('II.06a', groups, (key) => key)
      const newest = officialForm('07a', groups, (key) => key)
      const lines = [...circular.rows, circular.total].map(({ values, identities }) => ({ values, identities }))
      const counts = [...groups.values(), sumPunctuality([...groups.values()])]
      return (
        lines.every(({ identities }, i) =>
          identities.every(
            ({ text, remainder }) =>
              remainder === (text === '(3) = (7) + (11)' ? (counts[i]?.withdrawn ?? 0) + (counts[i]?.stopped ?? 0) : 0),
          ),
        ) &&
        [...newest.rows, newest.total].every(({ identities }) => identities.every(({ holds }) => holds)) &&
        Object.entries(circular.total.values).every(
          ([key, whole]) => whole === circular.rows.reduce((sum, { values }) => sum + (values[key] ?? 0), 0),
        )
      )
    }),
    { seed: 6, numRuns: 200 },
  )
})

t.test('over dossiers themselves the sums hold, and a total that was tampered with shows as a remainder', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const fates = [{ finish: {} }, { withdraw: {} }, { stop: { ground: 'Nghị định 61/2018/NĐ-CP Đ.17' } }, {}] as const
  for (const receivedAt of ['2021-07-05T09:00:00+07:00', '2021-09-20T09:00:00+07:00']) {
    for (const fate of fates) {
      const { code } = await take(client, { receivedAt })
      await move(client, code, 'start', receivedAt)
      for (const [name, more] of Object.entries(fate)) await move(client, code, name, '2021-09-21T09:00:00+07:00', more)
    }
  }
  await foldChanges(desk.db)
  const period = 'agency=H20.19.05&from=2021-09-15&to=2021-12-14'
  const read = async (clock: string) => {
    const report = async (name: string) => (await client.ask('GET', `/v1/reports/${name}?${period}&by=${clock}`)).body
    const [circular, newest, punctuality] = [await report('ii-06a'), await report('07a'), await report('punctuality')]
    const remainders = ({ total }: { total: Form['total'] }) => total.identities.map(({ remainder }) => remainder)
    return { circular: remainders(circular), newest: remainders(newest), remainder: punctuality.remainder }
  }
  // What the circular's form has no column for: two withdrawn and two stopped.
  const sound = { circular: [0, 0, 0, 4, 0], newest: [0, 0, 0, 0], remainder: 0 }
  for (const clock of ['effective', 'recorded']) t.strictSame(await read(clock), sound, clock)
  for (const [clock, column] of [
    ['effective', 'early'],
    ['recorded', 'recorded_early'],
  ] as const) {
    const one = sql`ctid = (select ctid from figure_totals where agency = 'H20.19.05' and not below order by half desc limit 1)`
    await desk.db.execute(sql`update figure_totals set ${sql.raw(`${column} = ${column} + 1`)} where ${one}`)
    t.strictSame(await read(clock), { circular: [0, 0, 0, 3, -1], newest: [0, 0, 0, -1], remainder: -1 }, clock)
  }
})

t.test('a workbook, opened again, has the headings and the integers of the form in their cells', async (t) => {
  const groups = new Map([
    ['Hộ tịch', COUNTS],
    ['Đất đai', sumPunctuality([COUNTS, COUNTS])],
  ])
  const { cells, merges } = await opened(officialForm('II.06a', groups, (key) => key))
  t.equal(cells.get('A1'), 'Biểu số II.06a/VPCP/KSTT')
  t.equal(cells.get('A2'), 'Thông tư 01/2020/TT-VPCP')
  t.equal(cells.get('I1'), 'Cơ quan báo cáo: Ủy ban nhân dân xã Long Thuận')
  t.equal(cells.get('I2'), 'Số liệu tính đến 08:30 ngày 15/12/2021')
  t.match(cells.get('A4'), /^TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH/)
  t.equal(cells.get('A5'), 'Kỳ báo cáo: Từ ngày 15/12/2020 đến ngày 14/12/2021')
  t.equal(cells.get('A6'), 'Hồ sơ tính theo lúc xảy ra. Đơn vị tính: Hồ sơ')
  const headings = {
    'A7:A9': 'STT',
    'B7:B9': 'Lĩnh vực giải quyết',
    'C7:F7': 'Số lượng hồ sơ tiếp nhận',
    'C8:C9': 'Tổng số',
    'D8:E8': 'Trong kỳ',
    'F8:F9': 'Từ kỳ trước',
    'G7:J7': 'Số lượng hồ sơ đã giải quyết',
    'H8:H9': 'Trước hạn',
    'I8:I9': 'Đúng hạn',
    'J8:J9': 'Quá hạn',
    'K7:M7': 'Số lượng hồ sơ đang giải quyết',
    'L8:L9': 'Trong hạn',
    'M8:M9': 'Quá hạn',
    'N7:P7': 'Chênh lệch (3) − (7) − (11)',
    'O8:P8': 'Trong đó',
  }
  for (const [range, text] of Object.entries(headings)) {
    t.ok(merges.has(range), range)
    t.equal(cells.get(range.split(':')[0] ?? ''), text)
  }
  t.equal(cells.get('D9'), 'Trực tuyến')
  t.equal(cells.get('E9'), 'Trực tiếp, dịch vụ bưu chính')
  t.strictSame(
    rowOf(cells, 10, 16),
    Array.from({ length: 16 }, (_, i) => `(${i + 1})`),
  )
  t.strictSame(rowOf(cells, 11, 16), [1, 'Hộ tịch', 140, 38, 90, 12, 100, 50, 40, 10, 35, 25, 10, 5, 3, 2])
  t.strictSame(rowOf(cells, 12, 16), [2, 'Đất đai', 280, 76, 180, 24, 200, 100, 80, 20, 70, 50, 20, 10, 6, 4])
  t.equal(cells.get('A13'), 'TỔNG CỘNG')
  t.ok(merges.has('A13:B13'))
  t.strictSame(rowOf(cells, 13, 16).slice(2), [420, 114, 270, 36, 300, 150, 120, 30, 105, 75, 30, 15, 9, 6])
  t.equal(cells.get('A14'), 'Số liệu tổng cộng không khớp: (3) = (7) + (11) (chênh 15).')
  const texts = [...cells.values()]
  for (const text of [
    'Người lập: Nguyễn Văn An, 09:00 ngày 15/12/2021',
    'NGƯỜI LẬP BIỂU',
    'THỦ TRƯỞNG ĐƠN VỊ',
    '(Ký, đóng dấu, ghi rõ họ tên)',
  ]) {
    t.ok(texts.includes(text), text)
  }
})

t.test('every cell of a form is its figure, for any counts', async () => {
  await fc.assert(
    fc.asyncProperty(someGroups, fc.constantFrom('II.06a' as const, '07a' as const), async (groups, id) => {
      const form = officialForm(id, groups, (key) => key)
      const { cells } = await opened(form)
      const keys = form.columns.flatMap(leavesOf).map(({ key }) => key)
      return [...form.rows, form.total].every(({ values }, row) =>
        keys.every((key, i) => {
          const cell = cells.get(`${String.fromCharCode(65 + i)}${11 + row}`)
          return values[key] === undefined || values[key] === cell
        }),
      )
    }),
    { seed: 11, numRuns: 25 },
  )
})

t.test('a workbook says by which clocks it counts', async (t) => {
  const { cells } = await opened(formOf('II.06a', COUNTS), { by: 'recorded', asOfBy: 'effective', language: 'en' })
  t.equal(cells.get('I2'), 'As of 08:30 on 15/12/2021 (by when it happened)')
  t.equal(cells.get('A6'), 'Dossiers count by when it was recorded. Unit: dossiers')
})

t.test('it prints on A4 lying, as wide as the page, with its headings on every page', async (t) => {
  const { sheet, workbook, styles } = await opened(formOf('II.06a', COUNTS))
  t.match(sheet, /<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"\/>/)
  t.match(sheet, /<pageSetUpPr fitToPage="1"\/>/)
  t.match(sheet, /<oddFooter>&amp;CTrang &amp;P\/&amp;N<\/oddFooter>/)
  t.match(workbook, /<sheet name="Bieu_II_06a"/)
  t.match(workbook, /name="_xlnm.Print_Area" localSheetId="0">Bieu_II_06a!\$A\$1:\$P\$25</)
  t.match(workbook, /name="_xlnm.Print_Titles" localSheetId="0">Bieu_II_06a!\$7:\$10</)
  t.notOk(styles.match(/<name val="(?!Times New Roman")/), 'all in Times New Roman')
  const newest = await opened(formOf('07a', COUNTS))
  t.match(newest.workbook, /Bieu_07a!\$A\$1:\$S\$\d+</)
  t.ok(newest.merges.has('D8:F8'), 'three channels under one heading')
  t.notOk([...newest.cells.values()].some((text) => String(text).includes('không khớp')))
})

t.test('a printed form says that its headings were not compared with the official text', async (t) => {
  for (const id of ['II.06a', '07a'] as const) {
    const { cells } = await opened(formOf(id, COUNTS))
    t.equal([...cells.values()].filter((text) => /chưa được đối chiếu với/.test(String(text))).length, 1, id)
  }
})

t.test('a form without a single dossier is a form still', async (t) => {
  for (const id of ['II.06a', '07a'] as const) {
    const { cells } = await opened(officialForm(id, new Map(), (key) => key))
    t.equal(cells.get('A11'), 'TỔNG CỘNG')
    t.equal(cells.get('C11'), 0)
  }
})

t.test('in English it is the same form', async (t) => {
  const form = formOf('II.06a', { ...COUNTS, withdrawn: 1 }, 'Civil status')
  const [vi, en] = [await opened(form), await opened(form, { language: 'en' })]
  t.strictSame(en.merges, vi.merges)
  const numbers = ({ cells }: typeof vi) => [...cells].filter(([, value]) => typeof value === 'number')
  t.strictSame(numbers(en), numbers(vi))
  t.equal(en.cells.get('A5'), 'Period: From 15/12/2020 to 14/12/2021, both days counted')
  t.equal(en.cells.get('I2'), 'As of 08:30 on 15/12/2021')
  t.equal(en.cells.get('C7'), 'Dossiers received')
  t.equal(en.cells.get('A12'), 'TOTAL')
  t.equal(en.cells.get('A13'), 'The totals do not agree: (3) = (7) + (11) (off by 5); (14) = (15) + (16) (off by 2).')
  t.match(en.sheet, /<oddFooter>&amp;CPage /)
})

t.test('names are text, whatever they hold', async (t) => {
  const names: readonly [string, string][] = [
    ["=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"],
    ['+1+1', '+1+1'],
    ['-2', '-2'],
    ['@SUM(A1)', '@SUM(A1)'],
    ['<b>&"\'</t></si>', '<b>&"\'</t></si>'],
    ['a\u0000b\u0008\u001fc\r\nd\te', 'a b c d e'],
    ['\ud800 lone, \u202eturned, \ufffe', 'lone, turned,'],
    ['_x0041_ _x003D_', '_x0041_ _x003D_'],
    ['Hộ '.repeat(20_000), `${'Hộ '.repeat(100)}…`],
    ['👍🏽'.repeat(200), `${'👍🏽'.repeat(150)}…`],
    ['12', '12'],
    ['', ''],
  ]
  const groups = new Map(names.map(([name], i) => [`${i} ${name}`, COUNTS]))
  const hostile = "=cmd|' /C calc'!A0\u0000"
  const form = officialForm('II.06a', groups, (key) => key.replace(/^\d+ /, ''))
  const { cells, parts } = await opened(form, { agency: hostile, madeBy: hostile })
  names.forEach(([, text], i) => {
    t.equal(cells.get(`B${11 + i}`), text)
    t.equal(cells.get(`C${11 + i}`), 140)
  })
  t.equal(cells.get('I1'), "Cơ quan báo cáo: =cmd|' /C calc'!A0")
  for (const [name, xml] of parts) {
    t.notOk(/<f[ >]/.test(xml), `no formula in ${name}`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    t.notOk(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(xml), `nothing in ${name} that XML forbids`)
  }
})

t.test('the same form and heading give the same bytes', async (t) => {
  const form = formOf('07a', COUNTS)
  t.ok((await formWorkbook(form, HEADING)).equals(await formWorkbook(form, HEADING)))
})
