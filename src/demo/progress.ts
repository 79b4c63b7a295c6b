/** Where progress goes: a terminal's line is rewritten, anything else gets a line every tenth. */
export type Screen = { readonly isTTY?: boolean | undefined; readonly write: (text: string) => unknown }

const WIDTH = 30

export const bar = (part: number, width: number): string => '█'.repeat(Math.round(part * width)).padEnd(width, '░')

/** Call the answer once for each of `total` steps. */
export const openProgress = (screen: Screen, label: string, total: number): (() => void) => {
  const stops = screen.isTTY ? 100 : 10
  let done = 0
  let shown = 0
  return () => {
    done += 1
    const reached = Math.floor((done * stops) / total)
    if (reached === shown) return
    shown = reached
    const line = `${label} ${bar(done / total, WIDTH)} ${String(Math.floor((done * 100) / total)).padStart(3)} %`
    screen.write(screen.isTTY ? `\r${line}${done === total ? '\n' : ''}` : `${line}\n`)
  }
}
