/** What a transcript is shown as: bits of text, each with the words and the time it came from, if any. */
import type { PieceView, WordView } from '@/shared/api/types'

export interface Bit {
  text: string
  /** Words [firstWord, endWord) of the transcript. */
  firstWord: number
  endWord: number
  /** null: made of no word (punctuation, a change of speaker). */
  time: { startMs: number; endMs: number } | null
  confidence: number
  /** What it is hidden as for everybody without access. */
  redaction: WordView['redaction']
  kind: PieceView['kind']
}

export interface WordSpan {
  first_word: number
  end_word: number
}

/** The words as heard; with two speakers each change of the speaker is a bit of its own. */
export function wordBits(words: readonly WordView[], speakerName: (speaker: WordView['speaker']) => string): Bit[] {
  const hasTwoSides = new Set(words.map((word) => word.speaker)).size > 1
  return words.flatMap((word, index) => {
    const bit = bitOf(word.text, index, index + 1, words, word.redaction, 'words')
    if (!hasTwoSides || words[index - 1]?.speaker === word.speaker) return [bit]
    const text = `${index > 0 ? '\n' : ''}${speakerName(word.speaker)}`
    return [bitOf(text, index, index, words, null, 'turn'), bit]
  })
}

/** The reading text, piece by piece. */
export function readingBits(pieces: readonly PieceView[], words: readonly WordView[]): Bit[] {
  return pieces.map((piece) => bitOf(piece.text, piece.first_word, piece.end_word, words, piece.redaction, piece.kind))
}

function bitOf(
  text: string,
  firstWord: number,
  endWord: number,
  words: readonly WordView[],
  redaction: Bit['redaction'],
  kind: Bit['kind'],
): Bit {
  const own = words.slice(firstWord, endWord)
  const time = own.length
    ? { startMs: Math.min(...own.map((word) => word.start_ms)), endMs: Math.max(...own.map((word) => word.end_ms)) }
    : null
  return { text, firstWord, endWord, time, redaction, kind, confidence: Math.min(1, ...own.map((word) => word.confidence)) }
}

/** Whether a bit shows some of these words. */
export function isWithin(bit: Bit, span: WordSpan | null): boolean {
  return span !== null && bit.firstWord < span.end_word && bit.endWord > span.first_word
}
