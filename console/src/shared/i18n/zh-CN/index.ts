import { department, departmentWords } from './departments'
import { heard, heardWords } from './heard'
import { phone } from './phone'
import { problem } from './problem'
import { seatCalls, seatCallWords, wallboard } from './seatCalls'
import { calls, callbacks, duty, people, queue, speech } from './supervision'
import { app, login, recording, ticket, work } from './workplace'
import { words } from './words'

export const zhCN = { app, login, work, ticket, recording, heard, queue, calls, callbacks, duty, people, speech, department, phone, seatCalls, wallboard, problem, ...words, ...heardWords, ...seatCallWords, ...departmentWords }

/** The keys every language must have. */
export type Messages = typeof zhCN
