import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'

/** Helmet's, made once: they are the same for every answer, and for each it would make them anew. */
const made = () => {
  const answer = new ServerResponse(new IncomingMessage(new Socket()))
  const set = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    // For plug-ins and browsers that are gone.
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  })
  set(answer.req, answer, () => {})
  return answer.getHeaders() as Record<string, string>
}

/** Answers hold facts for programs, which no browser is to run, frame or guess at; pages say what they need themselves. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = { ...made() }
