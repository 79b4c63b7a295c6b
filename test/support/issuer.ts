import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import type { Test } from 'tap'

export const AUDIENCE = 'urn:motcua'

/** What each client of the issuer is given in its tokens beside its scopes. */
const CLIENTS: Readonly<Record<string, object>> = {
  district: { motcua_agency: 'H20.19' },
  auditor: { motcua_agency: '*' },
  lost: {},
  stranger: { motcua_agency: 'H99' },
}

const SECRET = 'a-secret-between-issuer-and-client'

/** It says a good deal while it is loaded and set up that is no news to a test. */
const quietly = async <T>(work: () => Promise<T>): Promise<T> => {
  const { info, warn } = console
  console.info = () => {}
  console.warn = () => {}
  try {
    return await work()
  } finally {
    Object.assign(console, { info, warn })
  }
}

const newSigner = async (kid: string) => {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  return { kid, privateKey, publicKey, jwk: { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' } }
}

const providerOf = async (issuer: string, jwk: object): Promise<RequestListener> =>
  quietly(async () => {
    const { Provider } = await import('oidc-provider')
    const provider = new Provider(issuer, {
      jwks: { keys: [jwk] },
      cookies: { keys: ['unused'] },
      scopes: ['overdue:read', 'dossiers:read', 'audit:read', 'reports:read', 'admin', 'mail:send'],
      clients: Object.keys(CLIENTS).map((client_id) => ({
        client_id,
        client_secret: SECRET,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      })),
      extraTokenClaims: (_context: unknown, { clientId }: { clientId: string }) => CLIENTS[clientId],
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_context: unknown, audience: string) => ({
            audience,
            scope: 'overdue:read dossiers:read audit:read reports:read admin mail:send',
            accessTokenFormat: 'jwt',
            accessTokenTTL: 120,
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
    })
    return provider.callback()
  })

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))

/** An issuer that really runs: OpenID Connect Discovery, keys, and tokens by client credentials. */
export const openIssuer = async (t: Test) => {
  let answer: RequestListener = () => {}
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(String(request.url))
    answer(request, response)
  })
  await listen(server, 0)
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}`
  let signer = await newSigner('first')
  answer = await providerOf(issuer, signer.jwk)
  const stop = (): Promise<unknown> => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  t.teardown(stop)

  return {
    settings: { issuer, audience: AUDIENCE, agencyClaim: 'motcua_agency' },
    /** The paths that it was asked for. */
    asked,
    publicKey: () => signer.publicKey,
    /** A token as a client gets it. */
    token: async (client: string, scope: string, audience = AUDIENCE): Promise<string> => {
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${client}:${SECRET}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource: audience }),
      })
      const body = (await response.json()) as { access_token?: string }
      if (body.access_token === undefined) throw new Error(JSON.stringify(body))
      return body.access_token
    },
    /** A token signed by the issuer's key that says whatever it is given to say. */
    signed: (claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}): Promise<string> =>
      new SignJWT({ iss: issuer, aud: AUDIENCE, sub: 'district', motcua_agency: 'H20.19', ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: signer.kid, ...header })
        .sign(signer.privateKey),
    /** From here on it signs by another key and knows the one before no more. */
    rotate: async (kid: string): Promise<void> => {
      signer = await newSigner(kid)
      answer = await providerOf(issuer, signer.jwk)
    },
    stop,
    start: () => listen(server, port),
    /** Answers every question in a way of its own. */
    answerBy: (listener: RequestListener): void => {
      answer = listener
    },
  }
}
