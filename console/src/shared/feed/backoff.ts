/** How long to wait before the next attempt: doubling from half a second to 15 s, spread so that 100 seats do not return as one. */

const FIRST_MS = 500
const LONGEST_MS = 15_000

export function reconnectDelay(failures: number, random: () => number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10))
  return Math.round(full * (0.5 + random() / 2))
}
