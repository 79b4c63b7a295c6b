import { withOneExtension } from './extension.ts'
import { planDossier } from './plan.ts'
import { randomFrom } from './random.ts'
import { type Act, COMMUNES, DISTRICT } from './story.ts'

/** What each desk does, in the order in which it happens. */
export type Scenario = ReadonlyMap<string, readonly Act[]>

/** The same for the same seed. */
export const writeScenario = (seed: number, dossiers: number): Scenario => {
  const random = randomFrom(seed)
  const planned = Array.from({ length: dossiers }, (_, index) => planDossier(random, index + 1))
  const acts = withOneExtension(random, planned).flatMap((dossier) => dossier.steps.map((step) => ({ dossier, step })))
  // Sorting keeps the order of equals, so that a dossier's own steps never change places.
  acts.sort((a, b) => (a.step.at < b.step.at ? -1 : Number(a.step.at > b.step.at)))
  const actsAt = (agency: string) => acts.filter(({ dossier }) => dossier.receivingAgency === agency)
  return new Map([DISTRICT, ...COMMUNES].map(({ code }) => [code, actsAt(code)]))
}
