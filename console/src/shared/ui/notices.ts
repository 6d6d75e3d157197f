/** Short messages over the page: what succeeded, and what was refused and why. */
import { ElMessage } from 'element-plus'
import { problemText } from '@/shared/i18n/problemText'

export function showDone(message: string): void {
  ElMessage({ message, type: 'success', grouping: true, duration: 3_000 })
}

export function showProblem(error: unknown): void {
  ElMessage({ message: problemText(error), type: 'error', grouping: true, duration: 6_000, showClose: true })
}
