import { Gauge, type Registry } from 'prom-client'
import type { PoolLoad } from '../db/database.ts'
import { LANES } from '../http/lanes.ts'
import type { WaitingRoom } from '../http/waiting-room.ts'
import { VERSION } from '../version.ts'
import type { Behind } from './behind.ts'

/** What this process runs. */
export const measureBuild = (registry: Registry): void => {
  new Gauge({
    name: 'motcua_build_info',
    help: 'Always 1; the label says which version this is',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version: VERSION }, 1)
}

/** How this process's connections to the database stand whenever it is asked. */
export const measurePools = (registry: Registry, pools: () => readonly PoolLoad[]): void => {
  const gauge = (name: string, help: string, read: (load: PoolLoad) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['pool'],
      registers: [registry],
      collect() {
        for (const load of pools()) this.set({ pool: load.pool }, read(load))
      },
    })
  gauge('motcua_database_connections_most', 'As many connections as the pool may open', ({ max }) => max)
  gauge('motcua_database_connections', 'Connections that are open', ({ total }) => total)
  gauge('motcua_database_connections_idle', 'Open connections that nobody uses', ({ idle }) => idle)
  gauge('motcua_database_waiting', 'Statements that wait for a connection', ({ waiting }) => waiting)
}

/** Where lists and reports are read. */
export const measureReplica = (registry: Registry, isNear: () => boolean): void => {
  new Gauge({
    name: 'motcua_replica_near',
    help: 'Whether lists and reports are read from the replica, and not from the primary because it is gone or behind',
    registers: [registry],
    collect() {
      this.set(isNear() ? 1 : 0)
    },
  })
}

/** How many requests are worked on and wait in each lane whenever it is asked. */
export const measureLanes = (registry: Registry, counts: WaitingRoom['counts']): void => {
  const gauge = (name: string, help: string, of: 'running' | 'waiting') =>
    new Gauge({
      name,
      help,
      labelNames: ['lane'],
      registers: [registry],
      collect() {
        for (const lane of LANES) this.set({ lane }, counts(lane)[of])
      },
    })
  gauge('motcua_lane_running', 'Requests that are worked on', 'running')
  gauge('motcua_lane_waiting', 'Requests that wait for their turn', 'waiting')
}

/** Shows what was read from the database. The same at every instance: take the maximum, not the sum. */
export const behindGauges = (registry: Registry): ((behind: Behind) => void) => {
  const registers = [registry]
  const changes = new Gauge({
    name: 'motcua_fold_changes_waiting',
    help: 'Changes that reports count one by one until they are folded into the totals',
    registers,
  })
  const days = new Gauge({
    name: 'motcua_seal_days_waiting',
    help: 'Days that are over for ten minutes and not sealed yet',
    registers,
  })
  const recalculations = new Gauge({
    name: 'motcua_recalculations_running',
    help: 'Calendar changes that are still being carried to open dossiers',
    registers,
  })
  const overdue = new Gauge({
    name: 'motcua_overdue_dossiers',
    help: 'Open dossiers past their due date, of a province with all below it',
    labelNames: ['province'],
    registers,
  })
  return (behind) => {
    changes.set(behind.changesToFold)
    days.set(behind.daysToSeal)
    recalculations.set(behind.recalculations)
    for (const [province, count] of behind.overdue) overdue.set({ province }, count)
  }
}
