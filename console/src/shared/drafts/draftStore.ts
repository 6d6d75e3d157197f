/** Unsent text, kept per person and ticket (or call) in this browser until it has been sent. */

export type DraftKind = 'note' | 'resolution' | 'correction' | 'wrapUp'

const PREFIX = 'hotline.draft'

export class DraftStore {
  constructor(
    private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
    private readonly personId: string,
  ) {}

  read(ticketId: string, kind: DraftKind): string {
    try {
      return this.storage.getItem(this.key(ticketId, kind)) ?? ''
    } catch {
      return '' // storage switched off: the text still lives in the page
    }
  }

  write(ticketId: string, kind: DraftKind, text: string): void {
    try {
      if (text === '') this.storage.removeItem(this.key(ticketId, kind))
      else this.storage.setItem(this.key(ticketId, kind), text)
    } catch {
      // storage full or switched off: nothing more can be done here
    }
  }

  clear(ticketId: string, kind: DraftKind): void {
    this.write(ticketId, kind, '')
  }

  private key(ticketId: string, kind: DraftKind): string {
    return `${PREFIX}.${this.personId}.${ticketId}.${kind}`
  }
}
