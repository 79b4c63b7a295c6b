/**
 * Read before the program (`node --import`), it puts the process's clock off by CLOCK_OFFSET_MS and, at each SIGUSR2,
 * back by an hour more, as a wrong hand on the server's clock would.
 */
const HOUR_MS = 3_600_000
const RealDate = Date
let offsetMs = Number(process.env.CLOCK_OFFSET_MS ?? 0)

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offsetMs)
    else super(...given)
  }
  static now() {
    return RealDate.now() + offsetMs
  }
}

process.on('SIGUSR2', () => {
  offsetMs -= HOUR_MS
})
