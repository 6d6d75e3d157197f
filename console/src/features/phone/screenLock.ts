/** Keeps the screen of a mobile phone on: a page behind a dark screen may lose its microphone. */

export interface ScreenLock {
  want: (isWanted: boolean) => void
}

export function keepScreenOn(): ScreenLock {
  let lock: WakeLockSentinel | null = null
  let isWanted = false

  async function take(): Promise<void> {
    if (!isWanted || lock || !('wakeLock' in navigator) || document.visibilityState !== 'visible') return
    try {
      lock = await navigator.wakeLock.request('screen')
      lock.onrelease = () => (lock = null)
      if (!isWanted) await lock.release()
    } catch {
      lock = null // a low battery refuses it; the call goes on
    }
  }

  function want(wanted: boolean): void {
    isWanted = wanted
    if (wanted) {
      document.addEventListener('visibilitychange', take) // the browser takes it back from hidden pages
      void take()
    } else {
      document.removeEventListener('visibilitychange', take)
      void lock?.release().catch(() => undefined)
    }
  }

  return { want }
}
