/** A mark in front of the page's title, on and off while it rings: seen in the tab bar when another tab is in front. */

const BLINK_MS = 1_000

export class TitleBlink {
  private mark = ''
  private timer: ReturnType<typeof setInterval> | undefined

  start(mark: string): void {
    this.stop()
    this.mark = `${mark} `
    this.blink()
    this.timer = setInterval(() => this.blink(), BLINK_MS)
  }

  stop(): void {
    clearInterval(this.timer)
    this.timer = undefined
    if (this.isMarked()) document.title = document.title.slice(this.mark.length)
    this.mark = ''
  }

  /** Others set the title meanwhile: it is read anew each time. */
  private blink(): void {
    document.title = this.isMarked() ? document.title.slice(this.mark.length) : this.mark + document.title
  }

  private isMarked(): boolean {
    return this.mark !== '' && document.title.startsWith(this.mark)
  }
}
