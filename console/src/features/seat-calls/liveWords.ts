/** The words of a talk as they come: what is still being understood is replaced until it is final. */
import type { SpokenWords } from '@/shared/feed/messages'

export interface Line {
  id: number
  side: SpokenWords['side']
  text: string
  isFinal: boolean
}

/** So much stays on the screen; the whole text is made of the recording. */
export const MOST_LINES = 300

export function heard(lines: Line[], words: Pick<SpokenWords, 'side' | 'text' | 'is_final'>): Line[] {
  const open = lines.findLastIndex((line) => line.side === words.side && !line.isFinal)
  const line: Line = {
    id: lines[open]?.id ?? (lines.at(-1)?.id ?? 0) + 1,
    side: words.side,
    text: words.text,
    isFinal: words.is_final,
  }
  if (open >= 0) return lines.with(open, line)
  return [...lines, line].slice(-MOST_LINES)
}
