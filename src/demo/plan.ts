import { at, CLOSING, dayOf, daysAfter, daysBetween, minuteOf, workedAfter, workedDays, workedFrom } from './days.ts'
import { COMMUNE_PROCEDURES, DISTRICT_PROCEDURES, dueOn, type PostedProcedure } from './procedures.ts'
import type { Random } from './random.ts'
import { type Channel, COMMUNES, DISTRICT, LAST_DAY, NINE_MONTHS, type PlannedDossier, type Step } from './story.ts'

const OPENING = 7 * 60 + 30
const LUNCH = 11 * 60 + 30
const AFTER_LUNCH = 13 * 60 + 30
const CUTOFF = 15 * 60
/** The last intake of a day, so that something can still happen after it. */
const LAST_INTAKE = CLOSING - 30

const FAMILY_NAMES = ['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Huỳnh', 'Võ', 'Đặng', 'Bùi', 'Đỗ', 'Hồ'] as const
const MIDDLE_NAMES = ['Văn', 'Thị', 'Minh', 'Ngọc', 'Thanh', 'Hữu', 'Kim', 'Quốc'] as const
const GIVEN_NAMES = ['An', 'Bình', 'Cúc', 'Dũng', 'Hạnh', 'Khoa', 'Lan', 'Mai', 'Phúc', 'Sáu', 'Tâm', 'Út'] as const

const inventedName = (random: Random): string =>
  `${random.pick(FAMILY_NAMES)} ${random.pick(MIDDLE_NAMES)} ${random.pick(GIVEN_NAMES)}`

const trackingNumber = (random: Random): string => `EB${random.between(100_000_000, 999_999_999)}VN`

const officeMinute = (random: Random, latest: number): number =>
  random.chance(0.55) ? random.between(OPENING, LUNCH) : random.between(AFTER_LUNCH, latest)

const procedureAt = (random: Random, agency: string): PostedProcedure =>
  random.weighted<PostedProcedure>(
    agency === DISTRICT.code || random.chance(0.15)
      ? [
          [4, DISTRICT_PROCEDURES.business],
          [3, DISTRICT_PROCEDURES.businessChange],
          [3, DISTRICT_PROCEDURES.building],
        ]
      : [
          [4, COMMUNE_PROCEDURES.birth],
          [4, COMMUNE_PROCEDURES.copies],
          [4, COMMUNE_PROCEDURES.single],
          [2, COMMUNE_PROCEDURES.birthAgain],
          [3, COMMUNE_PROCEDURES.allowance],
          [4, COMMUNE_PROCEDURES.stay],
        ],
  )

/** As the epidemic of that year kept people at home, ever more went by post. */
const postalShare = (day: string): number => 0.08 + 0.012 * Number(day.slice(5, 7))

const intakeChannelOn = (random: Random, day: string): Channel => {
  const post = postalShare(day)
  return random.weighted<Channel>([
    [1 - post - 0.24, 'desk'],
    [post, 'post'],
    [0.24, 'online'],
  ])
}

/** Who sent it in by post mostly wants it back that way, too. */
const returnChannelOn = (random: Random, day: string, intakeChannel: Channel): Channel => {
  const post = intakeChannel === 'post' ? 0.6 : 1.7 * postalShare(day)
  return random.weighted<Channel>([
    [1 - post - 0.12, 'desk'],
    [post, 'post'],
    [0.12, 'online'],
  ])
}

/** Over the desk or by post: on a working day, now and then on a day off; some just around the cutoff. */
const receipt = (random: Random, day: string): string => {
  if (random.chance(0.03)) return at(day, random.between(OPENING, LUNCH))
  return at(
    workedFrom(day),
    random.chance(0.05) ? random.between(CUTOFF - 2, CUTOFF + 2) : officeMinute(random, LAST_INTAKE),
  )
}

/** Within a few working days of an online submission, in office hours. */
const acceptance = (random: Random, submittedAt: string): string => {
  const next = workedFrom(daysAfter(dayOf(submittedAt), 1))
  return at(workedAfter(next, random.between(0, 2)), officeMinute(random, LAST_INTAKE))
}

/** A moment of a day, and after the receipt where it is that day's. */
const momentAfter = (random: Random, day: string, receivedAt: string): string => {
  if (random.chance(0.04)) return at(day, random.between(CLOSING + 30, 21 * 60))
  if (day === dayOf(receivedAt)) return at(day, random.between(minuteOf(receivedAt) + 5, CLOSING))
  return at(day, officeMinute(random, CLOSING))
}

const returnStep = (random: Random, finishedAt: string, asked: Channel): readonly Step[] => {
  const day = dayOf(finishedAt)
  const soon = at(day, minuteOf(finishedAt) + 10)
  if (asked === 'online') return [{ verb: 'return', at: soon }]
  // Some who asked for the post came by after all, and some who did not had it sent.
  const channel = random.chance(asked === 'post' ? 0.94 : 0.02) ? 'post' : 'desk'
  if (channel === 'post') {
    const handedOver = at(workedAfter(day, random.between(1, 3)), officeMinute(random, CLOSING))
    return [{ verb: 'return', at: handedOver, channel, trackingNumber: trackingNumber(random) }]
  }
  if (random.chance(0.04)) return []
  const wait = random.between(0, 4)
  return [
    { verb: 'return', at: wait === 0 ? soon : at(workedAfter(day, wait), officeMinute(random, CLOSING)), channel },
  ]
}

type Fate = 'early' | 'on_time' | 'late' | 'never' | 'withdrawn'

const dayOfFate = (random: Random, fate: Fate, receivedAt: string, due: string): string => {
  if (fate === 'on_time') return due
  if (fate === 'late') return workedAfter(due, 1 + Math.floor(random.next() ** 2 * 25))
  const before = workedDays(dayOf(receivedAt), daysAfter(due, -1))
  return before[random.between(0, before.length - 1)] ?? due
}

const afterReceipt = (random: Random, receivedAt: string, due: string, asked: Channel): readonly Step[] => {
  const fate = random.weighted<Fate>([
    [0.5, 'early'],
    [0.32, 'on_time'],
    [0.1, 'late'],
    [0.04, 'never'],
    [0.04, 'withdrawn'],
  ])
  const start: Step = { verb: 'start', at: at(dayOf(receivedAt), minuteOf(receivedAt) + 3) }
  const started = random.chance(0.6) ? [start] : []
  if (fate === 'never') return started
  const end = momentAfter(random, dayOfFate(random, fate, receivedAt, due), receivedAt)
  if (fate === 'withdrawn') return [...started, { verb: 'withdraw', at: end }]
  return [...started, { verb: 'finish', at: end }, ...returnStep(random, end, asked)]
}

type Opening = Pick<PlannedDossier, 'steps' | 'submittedAt'>

const opening = (random: Random, day: string, intakeChannel: Channel): Opening => {
  if (intakeChannel !== 'online') return { steps: [{ verb: 'receive', at: receipt(random, day) }] }
  const submittedAt = at(day, random.between(0, 24 * 60 - 1))
  const acceptedAt = acceptance(random, submittedAt)
  const submit: Step = { verb: 'submit', at: submittedAt }
  const steps = random.weighted<readonly Step[]>([
    [0.2, [{ verb: 'receive', at: acceptedAt }]],
    [0.73, [submit, { verb: 'accept', at: acceptedAt }]],
    [0.05, [submit, { verb: 'refuse', at: acceptedAt }]],
    [0.02, [submit]],
  ])
  return { submittedAt, steps }
}

const postalProof = (random: Random, index: number): NonNullable<PlannedDossier['post']> =>
  random.chance(0.5) ? { trackingNumber: trackingNumber(random) } : { handoverNumber: `BBGN-${index}/2021` }

export const planDossier = (random: Random, index: number): PlannedDossier => {
  const day = daysAfter(NINE_MONTHS.from, random.between(0, daysBetween(NINE_MONTHS.from, NINE_MONTHS.to)))
  const receivingAgency = random.pick([DISTRICT, ...COMMUNES]).code
  const procedure = procedureAt(random, receivingAgency)
  const forDistrict = Object.values<PostedProcedure>(DISTRICT_PROCEDURES).includes(procedure)
  const intakeChannel = intakeChannelOn(random, day)
  const returnChannel = returnChannelOn(random, day, intakeChannel)
  const withVerification = procedure.verification !== undefined && random.chance(0.15)
  const begun = opening(random, day, intakeChannel)
  const receivedAt = begun.steps.find(({ verb }) => verb === 'receive' || verb === 'accept')?.at
  const rest =
    receivedAt === undefined
      ? []
      : afterReceipt(random, receivedAt, dueOn(procedure, receivedAt, withVerification), returnChannel)
  const steps = [...begun.steps, ...rest].filter((step) => dayOf(step.at) <= LAST_DAY)
  return {
    ...begun,
    reference: `HS-2021-${String(index).padStart(6, '0')}`,
    procedure,
    receivingAgency,
    resolvingAgency: forDistrict ? DISTRICT.code : receivingAgency,
    intakeChannel,
    returnChannel,
    withVerification,
    applicant: inventedName(random),
    ...(intakeChannel === 'post' ? { post: postalProof(random, index) } : {}),
    steps: steps.map((step) => (random.chance(0.01) ? { ...step, sentTwice: true } : step)),
  }
}
