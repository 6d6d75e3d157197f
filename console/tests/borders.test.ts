import { join } from 'node:path'
import { ESLint } from 'eslint'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const eslint = new ESLint({ cwd: root })

async function refusals(path: string, line: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(`${line}\n`, { filePath: join(root, path) })
  return result?.messages.filter((message) => message.ruleId === 'no-restricted-imports').map((message) => message.ruleId) ?? []
}

describe('borders between rooms are kept by the linter', () => {
  it.each([
    ['src/features/work/planted.ts', "import '@/features/ticket/useTicket'"],
    ['src/features/work/planted.ts', "import '../ticket/useTicket'"],
    ['src/features/work/planted.ts', "import '@/app/router'"],
    ['src/shared/feed/planted.ts', "import '@/features/work/workStore'"],
    ['src/shared/feed/planted.ts', "import '../../features/work/workStore'"],
    ['src/shared/feed/planted.ts', "import '@/app/router'"],
  ])('%s may not say: %s', async (path, line) => {
    expect(await refusals(path, line)).toHaveLength(1)
  })

  it.each([
    ['src/app/planted.ts', "import '@/features/work/workStore'"],
    ['src/features/work/planted.ts', "import '@/shared/api/client'"],
    ['src/features/work/planted.ts', "import './workStore'"],
    ['src/shared/feed/planted.ts', "import '@/shared/session/sessionStore'"],
  ])('%s may say: %s', async (path, line) => {
    expect(await refusals(path, line)).toEqual([])
  })
})
