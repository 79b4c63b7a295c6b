/** What the page reads of the API's answers. Members marked `?` may be missing: then there is nothing to show for them. */

export type Channel = 'desk' | 'post' | 'online'

export type ByChannel = Readonly<Record<Channel | 'total', number>>

export type Share = { readonly numerator: number; readonly denominator: number; readonly ratio: string | null }

export type Period = { readonly name: string | null; readonly from: string; readonly to: string }

export type Target = { readonly percent: number; readonly comparison: 'gt' | 'gte' }

export type Group = { readonly key: string; readonly label: string }

export type Projection = Share & {
  readonly met: boolean | null
  readonly workingDays: number
  readonly workingDaysPassed: number
}

export type RatioFigures = Share & {
  readonly met: boolean | null
  readonly shortfall: number | null
  readonly received: ByChannel
  readonly returned: ByChannel
  /** Intake by return channel. */
  readonly matrix?: Readonly<Record<Channel, Readonly<Record<Channel, number>>>>
  readonly evidence?: string
}

export type RatioReport = RatioFigures & {
  readonly period: Period
  readonly asOf: string
  readonly definitionText: string
  readonly target: Target
  readonly projection?: Projection | null
  readonly groups: readonly (RatioFigures & Group)[] | null
}

export type PunctualityFigures = {
  readonly carriedOver: number
  readonly received: ByChannel
  readonly resolved: {
    readonly early: number | null
    readonly onTime: number
    readonly lateWithApology: number
    readonly lateWithoutApology: number
    readonly late: number
    readonly total: number
  }
  readonly refused: number
  readonly withdrawn: number
  readonly stopped: number
  readonly pending: {
    readonly inTime: number
    readonly overdue: number
    readonly waiting: number
    readonly total: number
  }
  readonly rates: { readonly onTimeOfResolved: Share; readonly onTimeOfReceived: Share }
  readonly remainder: number
  readonly evidence?: string
}

export type PunctualityReport = PunctualityFigures & {
  readonly period: Period
  readonly asOf: string
  readonly groups: readonly (PunctualityFigures & Group)[] | null
}

export type OverdueCount = { readonly overdue: number; readonly dueSoon: number }

export type OverdueSummary = {
  readonly asOf: string
  readonly total: OverdueCount
  readonly agencies: readonly (OverdueCount & { readonly agency: string; readonly name: string })[]
}

export type Agency = { readonly code: string; readonly name: string; readonly parent: string | null }

export type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null }

/** A dossier without personal data; a list may leave members out. */
export type Dossier = {
  readonly code: string
  readonly procedureCode?: string
  readonly receivingAgency?: string
  readonly resolvingAgency?: string
  readonly intakeChannel?: string
  readonly receivedAt?: string | null
  readonly dueOn?: string | null
  readonly finishedAt?: string | null
  readonly punctuality?: string | null
  /** In a report's list: how it ended, and its status as a word. On the overdue list the status is more than a word. */
  readonly outcome?: string | null
  readonly status?: unknown
  readonly lateBy?: { readonly days: number } | null
}
