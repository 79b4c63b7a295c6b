import { at, CLOSING, dayOf, daysAfter, daysBetween, workedAfter, workedFrom } from './days.ts'
import { afterReceipt, trackingNumber } from './life.ts'
import { LUNCH, OPENING, officeMinute } from './moments.ts'
import { COMMUNE_PROCEDURES, DISTRICT_PROCEDURES, type PostedProcedure } from './procedures.ts'
import type { Random } from './random.ts'
import { type Channel, COMMUNES, DISTRICT, LAST_DAY, NINE_MONTHS, type PlannedDossier, type Step } from './story.ts'

const CUTOFF = 15 * 60
/** The last intake of a day, so that something can still happen after it. */
const LAST_INTAKE = CLOSING - 30

const FAMILY_NAMES = ['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Huỳnh', 'Võ', 'Đặng', 'Bùi', 'Đỗ', 'Hồ'] as const
const MIDDLE_NAMES = ['Văn', 'Thị', 'Minh', 'Ngọc', 'Thanh', 'Hữu', 'Kim', 'Quốc'] as const
const GIVEN_NAMES = ['An', 'Bình', 'Cúc', 'Dũng', 'Hạnh', 'Khoa', 'Lan', 'Mai', 'Phúc', 'Sáu', 'Tâm', 'Út'] as const

const inventedName = (random: Random): string =>
  `${random.pick(FAMILY_NAMES)} ${random.pick(MIDDLE_NAMES)} ${random.pick(GIVEN_NAMES)}`

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
          [2, COMMUNE_PROCEDURES.residence],
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
const receivedOn = (random: Random, day: string): string => {
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

type Opening = Pick<PlannedDossier, 'steps' | 'submittedAt'>

/** The steps after which a dossier is received; in the opening, papers are waited for only before that. */
const RECEIVING: readonly Step['verb'][] = ['receive', 'accept', 'supplement-received']

const opening = (random: Random, day: string, intakeChannel: Channel): Opening => {
  if (intakeChannel !== 'online') return { steps: [{ verb: 'receive', at: receivedOn(random, day) }] }
  const submittedAt = at(day, random.between(0, 24 * 60 - 1))
  const decidedAt = acceptance(random, submittedAt)
  const cameAt = acceptance(random, decidedAt)
  const submit: Step = { verb: 'submit', at: submittedAt }
  const request: Step = { verb: 'request-supplement', at: decidedAt }
  const steps = random.weighted<readonly Step[]>([
    [0.2, [{ verb: 'receive', at: decidedAt }]],
    [0.68, [submit, { verb: 'accept', at: decidedAt }]],
    [0.04, [submit, request, { verb: 'supplement-received', at: cameAt }]],
    [0.01, [submit, request, { verb: 'refuse', at: cameAt }]],
    [0.05, [submit, { verb: 'refuse', at: decidedAt }]],
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
  const receipt = begun.steps.find(({ verb }) => RECEIVING.includes(verb))
  const wasSupplemented = receipt?.verb === 'supplement-received'
  const rest = receipt
    ? afterReceipt(random, { procedure, withVerification, wasSupplemented }, receipt.at, returnChannel)
    : []
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
