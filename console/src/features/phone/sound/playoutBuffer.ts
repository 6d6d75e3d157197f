/** What waits between an uneven network and an even loudspeaker: begins with a little in hand, never lags far behind. */

export class PlayoutBuffer {
  private pieces: Float32Array[] = []
  private offset = 0 // into the first piece
  private held = 0
  private isFilling = true

  /** Counts in samples: `start` in hand before sound begins, at most `most`; beyond that the oldest is dropped. */
  constructor(
    private readonly start: number,
    private readonly most: number,
  ) {}

  push(piece: Float32Array): void {
    this.pieces.push(piece)
    this.held += piece.length
    while (this.held > this.most) this.dropOldest()
    if (this.held >= this.start) this.isFilling = false
  }

  /** Fills `out`, with silence where nothing is there; having run dry it gathers again first. */
  pull(out: Float32Array): void {
    out.fill(0)
    if (this.isFilling) return
    let filled = 0
    while (filled < out.length) {
      const piece = this.pieces[0]
      if (!piece) {
        this.isFilling = true
        return
      }
      const part = piece.subarray(this.offset, this.offset + out.length - filled)
      out.set(part, filled)
      filled += part.length
      this.held -= part.length
      this.offset += part.length
      if (this.offset === piece.length) this.dropFirst()
    }
  }

  private dropOldest(): void {
    this.held -= (this.pieces[0]?.length ?? 0) - this.offset
    this.dropFirst()
  }

  private dropFirst(): void {
    this.pieces.shift()
    this.offset = 0
  }
}
