/** The microphone, and by name why there is none. */

export type MicrophoneTrouble = 'insecure' | 'unsupported' | 'refused' | 'none' | 'in_use' | 'failed'

export class MicrophoneProblem extends Error {
  constructor(readonly trouble: MicrophoneTrouble) {
    super(trouble)
    this.name = 'MicrophoneProblem'
  }
}

const BY_NAME: Record<string, MicrophoneTrouble> = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'none',
  OverconstrainedError: 'none',
  NotReadableError: 'in_use',
  AbortError: 'in_use',
}

/** One channel, cleaned by the browser: echo cancelled, noise lowered, level held. Throws MicrophoneProblem. */
export async function openMicrophone(deviceId: string): Promise<MediaStream> {
  if (!window.isSecureContext) throw new MicrophoneProblem('insecure')
  // Old browsers, and those inside some apps, have neither.
  const devices = navigator.mediaDevices as MediaDevices | undefined
  if (!devices?.getUserMedia || typeof AudioWorkletNode === 'undefined') throw new MicrophoneProblem('unsupported')
  const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 }
  try {
    return await devices.getUserMedia({ audio: deviceId ? { ...wanted, deviceId: { exact: deviceId } } : wanted })
  } catch (error) {
    const name = error instanceof DOMException ? error.name : ''
    if (deviceId && BY_NAME[name] === 'none') return openMicrophone('') // the chosen one was unplugged
    throw new MicrophoneProblem(BY_NAME[name] ?? 'failed')
  }
}

export interface SoundDevice {
  id: string
  name: string
}

/** Microphones and loudspeakers; browsers tell their names once a microphone was allowed. */
export async function soundDevices(): Promise<{ microphones: SoundDevice[]; speakers: SoundDevice[] }> {
  const found = await navigator.mediaDevices.enumerateDevices()
  const of = (kind: MediaDeviceKind) =>
    found.filter((device) => device.kind === kind && device.deviceId).map((device) => ({ id: device.deviceId, name: device.label }))
  return { microphones: of('audioinput'), speakers: of('audiooutput') }
}
