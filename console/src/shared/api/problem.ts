/** A refusal of the server, by its stable code; the sentence shown for it is chosen by the language. */
import type { Problem } from './types'

export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly retryAfterS: number | null = null,
  ) {
    super(code)
    this.name = 'ApiProblem'
  }

  get isNotFound(): boolean {
    return this.status === 404
  }

  get isConflict(): boolean {
    return this.status === 409
  }
}

/** The code when no answer came at all. */
export const UNREACHABLE = 'network.unreachable'

export function problemFrom(response: Response, body: unknown): ApiProblem {
  const code = isProblem(body) ? body.code : `http.${response.status}`
  const retryAfter = Number(response.headers.get('Retry-After'))
  return new ApiProblem(response.status, code, retryAfter > 0 ? retryAfter : null)
}

function isProblem(body: unknown): body is Pick<Problem, 'code'> {
  return typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string'
}

export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  if (error instanceof TypeError) return new ApiProblem(0, UNREACHABLE)
  throw error
}
