/** Where calls for a person ring: a desk phone by number or SIP address, or this browser. */

const BROWSER = 'browser:'
/** As the API takes it. */
const ADDRESS = /^(sips?:[^\s<>"]+|\+?[0-9]{2,20})$/

export function browserPhone(personId: string): string {
  return BROWSER + personId
}

export function isBrowserPhone(phone: string | null): boolean {
  return phone?.startsWith(BROWSER) ?? false
}

/** What was typed as an address of a desk phone; null: it is none. */
export function deskPhone(typed: string): string | null {
  const address = typed.trim()
  const dialled = address.replace(/[\s-]/g, '')
  if (ADDRESS.test(dialled) && !dialled.startsWith('sip')) return dialled
  return ADDRESS.test(address) ? address : null
}

export type PhoneState = 'ready' | 'engaged' | 'away' | 'none'

/** Whether a call may ring there now. */
export function phoneState(phone: string | null, isAvailable: boolean, hasCall: boolean): PhoneState {
  if (phone === null) return 'none'
  if (hasCall) return 'engaged'
  return isAvailable ? 'ready' : 'away'
}
