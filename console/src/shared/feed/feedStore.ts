/** The page's one feed: runs while somebody is signed in, tells screens what changed and whether it is live. */
import { defineStore } from 'pinia'
import { onScopeDispose, ref } from 'vue'
import { useSession } from '@/shared/session/sessionStore'
import { FeedClient, type FeedSocket, type FeedState } from './feedClient'
import type { FeedEvent } from './messages'

type OnEvent = (event: FeedEvent) => void
type OnHello = () => void

export const useFeed = defineStore('feed', () => {
  const state = ref<FeedState>('connecting')
  const listeners = new Set<{ onEvent: OnEvent; onHello: OnHello }>()
  let client: FeedClient | null = null

  function start(): void {
    stop()
    client = new FeedClient(
      { openSocket, after },
      {
        onState: (next) => (state.value = next),
        onEvent: (event) => listeners.forEach((listener) => listener.onEvent(event)),
        onHello: () => listeners.forEach((listener) => listener.onHello()),
        onLost: (mayBeSignedOut) => {
          // Whether the session has ended is the API's to say; no answer means the network, and the feed goes on trying.
          if (mayBeSignedOut) useSession().restore().catch(() => undefined)
        },
      },
    )
    client.start()
    window.addEventListener('online', retryNow)
    document.addEventListener('visibilitychange', retryNow)
  }

  function stop(): void {
    client?.stop()
    client = null
    window.removeEventListener('online', retryNow)
    document.removeEventListener('visibilitychange', retryNow)
  }

  function retryNow(): void {
    if (document.visibilityState === 'visible') client?.retryNow()
  }

  /** Listens as long as the calling component lives. */
  function listen(onEvent: OnEvent, onHello: OnHello): void {
    const listener = { onEvent, onHello }
    listeners.add(listener)
    onScopeDispose(() => listeners.delete(listener))
  }

  return { state, start, stop, listen }
})

function openSocket(): FeedSocket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return new WebSocket(`${scheme}://${location.host}/api/v1/feed`)
}

function after(delayMs: number, step: () => void): () => void {
  const timer = setTimeout(step, delayMs)
  return () => clearTimeout(timer)
}
