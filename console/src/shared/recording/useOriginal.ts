/** The unmasked original of a recording: fetched only after a reason was given, forgotten when the time is over. */
import { computed, ref, shallowRef, watch } from 'vue'
import { api, dataOf } from '@/shared/api/client'
import { ApiProblem } from '@/shared/api/problem'
import type { OriginalReason, RecordingView, TranscriptView } from '@/shared/api/types'
import { useNow } from '@/shared/time/serverClock'
import { showProblem } from '@/shared/ui/notices'

/** Through whose sight the original is opened: an agent's ticket, or (for supervisors) the recording itself. */
export type OriginalOf = { ticketId: string } | { recordingId: string }

interface Heard {
  recording: RecordingView | null
  transcript?: TranscriptView | null
  of: OriginalOf
}

export function useOriginal(heard: Heard) {
  const now = useNow()
  const until = ref<string | null>(null)
  const original = shallowRef<TranscriptView | null>(null)

  const isOpen = computed(() => until.value !== null && Date.parse(until.value) > now.value)
  /** The transcript to show: the original while it is open, else the masked one. */
  const shown = computed(() => (isOpen.value ? original.value : null) ?? heard.transcript)
  /** null: nothing may be heard without a reason. */
  const audioUrl = computed(() => {
    if (!heard.recording) return null
    if (isOpen.value) return `${heard.recording.audio_url}?original=true`
    return heard.recording.can_be_masked ? heard.recording.audio_url : null
  })

  watch(() => heard.recording?.original_until ?? null, (value) => (until.value = value), { immediate: true })
  watch([isOpen, () => heard.transcript], () => void load(), { immediate: true })

  async function load(): Promise<void> {
    if (!isOpen.value || !heard.transcript) {
      original.value = null
      return
    }
    try {
      original.value = await fetchOriginal(heard.of)
    } catch (error) {
      original.value = null
      if (error instanceof ApiProblem && error.status === 403) until.value = null
      else showProblem(error)
    }
  }

  async function open(reason: OriginalReason, note: string): Promise<void> {
    until.value = (await postReason(heard.of, reason, note)).original_until
  }

  return { shown, audioUrl, isOpen, until, open }
}

function fetchOriginal(of: OriginalOf): Promise<TranscriptView> {
  if ('ticketId' in of) return dataOf(api.GET('/api/v1/tickets/{ticket_id}/original', { params: { path: { ticket_id: of.ticketId } } }))
  return dataOf(api.GET('/api/v1/recordings/{recording_id}/original', { params: { path: { recording_id: of.recordingId } } }))
}

function postReason(of: OriginalOf, reason: OriginalReason, note: string): Promise<{ original_until: string }> {
  const body = { reason, note }
  if ('ticketId' in of) return dataOf(api.POST('/api/v1/tickets/{ticket_id}/original-access', { params: { path: { ticket_id: of.ticketId } }, body }))
  return dataOf(api.POST('/api/v1/recordings/{recording_id}/original-access', { params: { path: { recording_id: of.recordingId } }, body }))
}
