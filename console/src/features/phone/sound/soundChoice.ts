/** Which microphone and loudspeaker this person chose, remembered in this browser. Empty: the system's choice. */
import { onScopeDispose, ref, watch, type Ref } from 'vue'

const MICROPHONE = 'hotline.microphone'
const SPEAKER = 'hotline.speaker'

const microphoneId = remembered(MICROPHONE)
const speakerId = remembered(SPEAKER)

function remembered(name: string): Ref<string> {
  const chosen = ref(localStorage.getItem(name) ?? '')
  watch(chosen, (id) => localStorage.setItem(name, id))
  return chosen
}

export interface SoundChoice {
  microphoneId: Ref<string>
  speakerId: Ref<string>
  /** Tells of a new choice, as long as the calling component lives. */
  whenChosen: (onMicrophone: (id: string) => void, onSpeaker: (id: string) => void) => void
}

export function useSoundChoice(): SoundChoice {
  function whenChosen(onMicrophone: (id: string) => void, onSpeaker: (id: string) => void): void {
    const stops = [watch(microphoneId, onMicrophone), watch(speakerId, onSpeaker)]
    onScopeDispose(() => stops.forEach((stop) => stop()))
  }

  return { microphoneId, speakerId, whenChosen }
}
