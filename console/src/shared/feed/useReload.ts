/** Loads something at once, after every (re)connection, and whenever a matching event comes; never twice at a time. */
import { onMounted, onScopeDispose, ref, type Ref } from 'vue'
import { asProblem, type ApiProblem } from '@/shared/api/problem'
import { useFeed } from './feedStore'
import type { FeedEvent } from './messages'

/** Events that come together are answered by one load. */
const GATHER_MS = 120

export interface Reloading {
  /** Resolves when a load that began after this call has ended. */
  reload: () => Promise<void>
  isLoading: Ref<boolean>
  /** Why the last load failed; what was loaded before stays. */
  problem: Ref<ApiProblem | null>
}

export function useReload(load: () => Promise<void>, concerns: (event: FeedEvent) => boolean): Reloading {
  const isLoading = ref(false)
  const problem = ref<ApiProblem | null>(null)
  let running: Promise<void> | null = null
  let isStale = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function reload(): Promise<void> {
    if (running) isStale = true
    else running = run().finally(() => (running = null))
    return running ?? Promise.resolve()
  }

  async function run(): Promise<void> {
    isLoading.value = true
    do {
      isStale = false
      try {
        await load()
        problem.value = null
      } catch (error) {
        problem.value = asProblem(error)
      }
    } while (isStale)
    isLoading.value = false
  }

  function reloadSoon(event: FeedEvent): void {
    if (!concerns(event)) return
    clearTimeout(timer)
    timer = setTimeout(() => void reload(), GATHER_MS)
  }

  onMounted(() => void reload())
  onScopeDispose(() => clearTimeout(timer))
  useFeed().listen(reloadSoon, () => void reload())

  return { reload, isLoading, problem }
}
