import { inflateRawSync } from 'node:zlib'

const END = 0x06054b50
const DEFLATED = 8

/** The parts of an .xlsx file, read from its zip directory: a reader that shares no code with the writer. */
export const unzip = (file: Buffer): ReadonlyMap<string, string> => {
  const end = file.lastIndexOf(Buffer.from([END & 255, (END >> 8) & 255, (END >> 16) & 255, END >> 24]))
  const parts = new Map<string, string>()
  let at = file.readUInt32LE(end + 16)
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size, nameLength] = [
      file.readUInt16LE(at + 10),
      file.readUInt32LE(at + 20),
      file.readUInt16LE(at + 28),
    ]
    const local = file.readUInt32LE(at + 42)
    const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28)
    const raw = file.subarray(start, start + size)
    parts.set(
      file.toString('utf8', at + 46, at + 46 + nameLength),
      (method === DEFLATED ? inflateRawSync(raw) : raw).toString('utf8'),
    )
    at += 46 + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32)
  }
  return parts
}

/** A text of XML as a spreadsheet program shows it, `_x0041_` and all. */
const shown = (xml: string): string =>
  xml
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/_x([0-9a-f]{4})_/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))

/** The first sheet of a workbook: what its cells hold, by reference, and the XML around them. */
export const readWorkbook = (file: Buffer) => {
  const parts = unzip(file)
  const part = (name: string): string => parts.get(name) ?? ''
  const sheet = part('xl/worksheets/sheet1.xml')
  const texts = [...part('xl/sharedStrings.xml').matchAll(/<si>(.*?)<\/si>/gs)].map(([, xml]) => shown(xml ?? ''))
  const cells = new Map<string, string | number>()
  for (const [, at, attributes, value] of sheet.matchAll(/<c r="([A-Z]+\d+)"([^>]*)><v>([^<]*)<\/v><\/c>/g)) {
    const text = attributes?.includes('t="s"') ? texts[Number(value)] : Number(value)
    cells.set(at ?? '', text ?? '')
  }
  return {
    parts,
    sheet,
    workbook: part('xl/workbook.xml'),
    styles: part('xl/styles.xml'),
    cells,
    merges: new Set([...sheet.matchAll(/<mergeCell ref="([^"]+)"/g)].map(([, range]) => range)),
  }
}
