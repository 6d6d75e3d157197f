/** Short messages over the page: what succeeded, and what was refused and why. */
import { ElMessage } from 'element-plus'
import { problemText } from '@/shared/i18n/problemText'

/** The top bar stays free. */
const BELOW_BAR = 56

export function showDone(message: string): void {
  ElMessage({ message, type: 'success', grouping: true, offset: BELOW_BAR, duration: 3_000 })
}

export function showProblem(error: unknown): void {
  ElMessage({ message: problemText(error), type: 'error', grouping: true, offset: BELOW_BAR, duration: 6_000, showClose: true })
}
