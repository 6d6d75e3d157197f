/** The one door to the API: typed by the OpenAPI file, sends the CSRF token, turns refusals into ApiProblem. */
import createClient, { type Middleware } from 'openapi-fetch'
import { setServerClock } from '@/shared/time/serverClock'
import { problemFrom } from './problem'
import type { paths } from './schema'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

let csrfToken: string | null = null
let onSignedOut: () => void = () => undefined

export function useCsrfToken(token: string | null): void {
  csrfToken = token
}

/** Called when the server no longer knows the session. */
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler
}

const middleware: Middleware = {
  onRequest({ request }) {
    if (csrfToken && !SAFE_METHODS.has(request.method)) request.headers.set('X-CSRF-Token', csrfToken)
    return request
  },
  onResponse({ response }) {
    setServerClock(response.headers.get('Date'))
    if (response.status === 401 && csrfToken !== null) onSignedOut()
  },
}

export const api = createClient<paths>({ credentials: 'same-origin' })
api.use(middleware)

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The data of an answer; throws ApiProblem for a refusal. */
export async function dataOf<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer
  if (!response.ok) throw problemFrom(response, error)
  return data as T
}
