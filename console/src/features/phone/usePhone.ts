/** A phone that works: does what the machine says, with a socket, the sound of this device, and a bell. */
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { ApiProblem, asProblem, UNREACHABLE } from '@/shared/api/problem'
import { AudioEngine } from './sound/audioEngine'
import { MicrophoneProblem, type MicrophoneTrouble } from './sound/microphone'
import { useSoundChoice } from './sound/soundChoice'
import { next, OFF, type Effect, type Happening, type Kind, type Phone } from './phoneMachine'
import { PhoneSocket } from './phoneSocket'
import type { LiveCall, Ring } from './words'

/** Where the line is, and the token to say hello with. */
export interface Entry {
  token: string
  address: string
}

export interface Bell {
  ring(ring: Ring): void
  stop(): void
}

export interface WorkingPhone {
  phone: ShallowRef<Phone>
  trouble: Ref<MicrophoneTrouble | null>
  isMuted: Ref<boolean>
  levels: Ref<{ microphone: number; line: number }>
  happen: (happening: Happening) => void
  /** Ask for the microphone; false: there is none, and `trouble` says why. */
  soundOn: () => Promise<boolean>
  soundOff: () => void
  setMuted: (isMuted: boolean) => void
}

const RETURN_MS = [100, 300, 700, 1_500, 3_000]
const AGAIN_MS = [500, 1_000, 2_000, 5_000, 10_000, 15_000]

export function usePhone(kind: Kind, takeEntry: () => Promise<Entry>, bell?: Bell): WorkingPhone {
  const phone = shallowRef<Phone>(OFF)
  const trouble = ref<MicrophoneTrouble | null>(null)
  const isMuted = ref(false)
  const levels = ref({ microphone: 0, line: 0 })
  const choice = useSoundChoice()
  let socket: PhoneSocket | null = null
  let address = ''
  let timer: ReturnType<typeof setTimeout> | undefined

  const engine = new AudioEngine({
    onFrame: (pcm) => {
      if (phone.value.at === 'talking') socket?.sendFrame(pcm)
    },
    onLevel: (of, level) => (levels.value = { ...levels.value, [of]: level }),
    onMicrophoneGone: () => void tried(() => engine.useMicrophone('')),
  })
  choice.whenChosen(
    (microphoneId) => void tried(() => engine.useMicrophone(microphoneId)),
    (speakerId) => void engine.useSpeaker(speakerId),
  )

  function happen(happening: Happening): void {
    const [after, ...effects] = next(kind, phone.value, happening)
    phone.value = after
    effects.forEach(perform)
  }

  function perform(effect: Effect): void {
    switch (effect.do) {
      case 'connect':
        return connectLater(effect.back, effect.tries)
      case 'tell':
        return socket?.tell(effect.told)
      case 'disconnect':
        return disconnect()
      case 'ring':
        return bell?.ring(effect.ring)
      case 'stopRinging':
        return bell?.stop()
      case 'soundOn':
        return void soundOn()
      case 'soundOff':
        return soundOff()
    }
  }

  function connectLater(back: LiveCall | null, tries: number): void {
    disconnect()
    const pauses = back ? RETURN_MS : AGAIN_MS
    const pauseMs = !back && tries === 0 ? 0 : (pauses[Math.min(tries, pauses.length - 1)] ?? 0)
    timer = setTimeout(() => void connect(back), pauseMs * (0.7 + 0.6 * Math.random()))
  }

  async function connect(back: LiveCall | null): Promise<void> {
    if (back) return open({ type: 'resume', call_id: back.callId, secret: back.secret })
    const before = timer
    try {
      const entry = await takeEntry()
      if (timer !== before) return // stopped, or begun anew, meanwhile
      address = entry.address
      open({ type: 'hello', token: entry.token })
    } catch (error) {
      const problem: ApiProblem = asProblem(error)
      if (timer === before) happen({ type: 'noEntry', reason: problem.code, canRetry: problem.code === UNREACHABLE || problem.status >= 500 })
    }
  }

  function open(first: Parameters<PhoneSocket['tell']>[0]): void {
    socket = new PhoneSocket(address, first, {
      onSaid: (said) => happen({ type: 'said', said }),
      onFrame: (pcm) => engine.play(pcm),
      onLost: () => happen({ type: 'lost', nowMs: Date.now() }),
    })
  }

  function disconnect(): void {
    clearTimeout(timer)
    timer = undefined
    socket?.close()
    socket = null
  }

  async function tried(what: () => Promise<void>): Promise<boolean> {
    try {
      await what()
      trouble.value = null
      return true
    } catch (error) {
      trouble.value = error instanceof MicrophoneProblem ? error.trouble : 'failed'
      return false
    }
  }

  function soundOn(): Promise<boolean> {
    return tried(() => engine.start(choice.microphoneId.value, choice.speakerId.value))
  }

  function soundOff(): void {
    engine.stop()
    setMuted(false)
    levels.value = { microphone: 0, line: 0 }
  }

  function setMuted(muted: boolean): void {
    isMuted.value = muted
    engine.setMuted(muted)
  }

  /** A network that is back is used at once, not after the pause. */
  function hurry(): void {
    const now = phone.value
    if (now.at === 'away') connectLater(now.call, 0)
    else if (now.at === 'connecting' && now.tries > 0) connectLater(null, 0)
  }

  window.addEventListener('online', hurry)
  onScopeDispose(() => {
    window.removeEventListener('online', hurry)
    happen({ type: 'stop' })
  })

  return { phone, trouble, isMuted, levels, happen, soundOn, soundOff, setMuted }
}
