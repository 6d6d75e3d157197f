/** The server's clock as far as we can tell, so that countdowns are right on a PC whose clock is wrong. */
import { onScopeDispose, ref, type Ref } from 'vue'

/** The Date header has whole seconds: smaller differences are noise. */
const NOISE_MS = 2_000

let skewMs = 0

export function setServerClock(dateHeader: string | null): void {
  const server = dateHeader === null ? Number.NaN : Date.parse(dateHeader)
  if (Number.isNaN(server)) return
  const difference = server - Date.now()
  skewMs = Math.abs(difference) > NOISE_MS ? difference : 0
}

export function serverNow(): number {
  return Date.now() + skewMs
}

const now = ref(serverNow())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

/** Milliseconds since the epoch, ticking every second while somebody looks. */
export function useNow(): Readonly<Ref<number>> {
  now.value = serverNow()
  users += 1
  timer ??= setInterval(() => (now.value = serverNow()), 1_000)
  onScopeDispose(() => {
    users -= 1
    if (users > 0) return
    clearInterval(timer)
    timer = undefined
  })
  return now
}
