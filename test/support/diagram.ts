import { fileURLToPath } from 'node:url'
import { STATUSES, type Status } from '../../src/dossiers/dossier.ts'
import { MOVE_NAMES, MOVES, targetsOf } from '../../src/dossiers/lifecycle.ts'

export const README_FILE = fileURLToPath(new URL('../../README.md', import.meta.url))

const statuses = Object.keys(STATUSES).map(Number) as Status[]

/** The life of a dossier as the table of moves has it, for the README; what leads nowhere else is left out. */
export const lifecycleDiagram = (): string => {
  const names = statuses.map((status) => `  ${status} : ${status} ${STATUSES[status].vi}`)
  const arrows = MOVE_NAMES.flatMap((move) =>
    MOVES[move].from.flatMap((from) =>
      targetsOf(move, from)
        .filter((to) => to !== from)
        .map((to) => `  ${from} --> ${to} : ${move}`),
    ),
  )
  return ['stateDiagram-v2', '  [*] --> 1', '  [*] --> 2', ...names, ...arrows].join('\n')
}

const BLOCK = /(?<=```mermaid\n)[\s\S]*?(?=\n```)/

/** The diagram that a page shows. */
export const shownDiagram = (page: string): string => String(BLOCK.exec(page)?.[0])

export const withDiagram = (page: string): string => page.replace(BLOCK, lifecycleDiagram())
