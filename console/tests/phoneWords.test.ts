import { expect, it } from 'vitest'
import type { Phone } from '@/features/phone/phoneMachine'
import { reasonText } from '@/features/phone/phoneText'
import type { MicrophoneTrouble } from '@/features/phone/sound/microphone'
import { readSaid } from '@/features/phone/words'
import { zhCN } from '@/shared/i18n/zh-CN'

const STATES: Phone['at'][] = ['off', 'connecting', 'ready', 'ringing', 'answering', 'calling', 'talking', 'away', 'moved', 'over', 'failed']
const TROUBLES: MicrophoneTrouble[] = ['insecure', 'unsupported', 'refused', 'none', 'in_use', 'failed']

it('there is a sentence for every state, every trouble and every refusal', () => {
  expect(Object.keys(zhCN.phone.state).sort()).toEqual([...STATES, 'unconnected'].sort())
  expect(Object.keys(zhCN.phone.trouble).sort()).toEqual([...TROUBLES].sort())
  expect(reasonText('phone.full')).toBe('线路忙，请稍后再拨')
  expect(reasonText('phone.sings')).toContain('phone.sings')
})

it('reads what the line says', () => {
  expect(readSaid('{"type":"answered","call_id":"c1","secret":"s1","resume_within_s":10}', 0)).toEqual({
    type: 'answered',
    call: { callId: 'c1', secret: 's1', keptMs: 10_000 },
  })
  expect(readSaid('{"type":"sound","on":true}', 0)).toEqual({ type: 'sound', isOn: true })
  expect(readSaid('{"type":"refused","reason":"phone.full"}', 0)).toEqual({ type: 'refused', reason: 'phone.full' })
})

it('shows of a ringing call what the line gives, and knows until when it rings', () => {
  const said = readSaid('{"type":"ring","call_id":"c1","ring_s":20,"caller":"139****0001","note":"路灯"}', 5_000)
  expect(said).toEqual({ type: 'ring', ring: { callId: 'c1', endsAtMs: 25_000, facts: { caller: '139****0001', note: '路灯' } } })
})

it.each(['', '{', '[]', 'null', '3', '{"type":"sing"}', '{"type":5}'])('passes over what it does not know: %s', (text) => {
  expect(readSaid(text, 0)).toEqual({ type: 'other' })
})
