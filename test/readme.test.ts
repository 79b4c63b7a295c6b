import { readFileSync } from 'node:fs'
import t from 'tap'
import { openDesk } from './support/desk.ts'
import { lifecycleDiagram, shownDiagram } from './support/diagram.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

type Example = { commands: string[]; answer: unknown }

/** Each block of curl commands with the JSON block that follows it: the answer to the last of them. */
const examples: Example[] = [
  ...readme.matchAll(/```sh\n((?:(?!```)[\s\S])*?curl[\s\S]*?)```\n+```json\n([\s\S]*?)```/g),
].map(([, script, answer]) => ({
  commands: String(script)
    .split(/^(?=curl )/m)
    .filter((command) => command.startsWith('curl ')),
  answer: JSON.parse(String(answer)),
}))

/** The words of a command as a POSIX shell would split it, with $KEY filled in; no example needs more than quotes. */
const words = (command: string, key: string): string[] =>
  [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, plain]) =>
    single !== undefined ? single : String(double ?? plain).replaceAll('$KEY', key),
  )

const request = (command: string, key: string) => {
  const [, ...rest] = words(command, key)
  const asked = { method: 'GET', url: '', headers: {} as Record<string, string>, body: undefined as unknown }
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '-s') continue
    if (word === '-X') asked.method = String(rest.shift())
    else if (word === '-H') {
      const [name = '', value = ''] = String(rest.shift()).split(': ')
      asked.headers[name.toLowerCase()] = value
    } else if (word === '-d') {
      asked.body = JSON.parse(String(rest.shift()))
      asked.method = 'POST'
    } else asked.url = word.replace('http://127.0.0.1:3000', '')
  }
  return asked
}

t.test('every example of the README answers as printed, in the order of the page', async (t) => {
  const desk = await openDesk(t)
  desk.at('2026-11-23T09:00:00+07:00')
  const { key, ask } = await desk.client()
  t.ok(examples.length >= 9, 'the examples were found')
  for (const { commands, answer } of examples) {
    let last: unknown
    for (const command of commands) {
      const { method, url, headers, body } = request(command, key)
      const answered = await ask(method, url, body, headers)
      const wanted = String(JSON.stringify(answer)).includes('/problems/')
      if (!wanted) t.ok(answered.status < 300, `${method} ${url} → ${answered.text}`)
      last = answered.body
    }
    t.match(last, answer, commands.at(-1)?.split('\n')[0] ?? '')
  }
})

t.test('the diagram of the README is what the table of moves says (npm run generate)', async (t) => {
  t.equal(shownDiagram(readme), lifecycleDiagram())
})
