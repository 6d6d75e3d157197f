import type { Messages } from '../zh-CN'

type Words = Pick<
  Messages,
  | 'role' | 'presence' | 'ticketStatus' | 'seatRole' | 'clock' | 'textSource' | 'timeline' | 'missReason'
  | 'queueReason' | 'moveReason' | 'satisfaction' | 'ratingSource' | 'callDirection' | 'callStatus'
  | 'callOutcome' | 'hangupBy' | 'callbackKind' | 'callbackStatus' | 'disposition'
>

export const words: Words = {
  role: { agent: 'Agent', supervisor: 'Supervisor', admin: 'Administrator' },
  presence: { available: 'Available', away: 'Away', offline: 'Offline' },
  ticketStatus: {
    new: 'New',
    accepted: 'Accepted',
    resolved: 'Resolved',
    revisit: 'Revisit',
    closed: 'Closed',
    reopened: 'Reopened',
  },
  seatRole: { a: 'Role A', b: 'Role B' },
  clock: { accept: 'Accept by', answer: 'Answer by' },
  textSource: {
    transcript: 'Machine transcript, for orientation only: the recording decides',
    pending_transcript: 'Not transcribed yet: listen to the recording; the text will follow by itself',
    empty_transcript: 'No words were recognised: listen to the recording or call back',
    failed_transcript: 'The transcription failed: listen to the recording',
    unusable_message: 'The message was too short or silent, there is nothing to read: call this number back',
  },
  timeline: {
    created: 'Ticket created',
    transcribed: 'Text added by the recogniser',
    offered: 'Offered to a seat',
    missed: 'Offer missed',
    queued: 'To the supervisor queue',
    breached: 'Clock breached',
    accept: 'Accepted',
    assign: 'Assigned by a supervisor',
    note: 'Note',
    resolve: 'Resolved',
    start_revisit: 'Revisit started',
    close: 'Closed',
    reopen: 'Reopened',
  },
  missReason: {
    absent: 'not at the console',
    busy: 'set to away',
    at_capacity: 'at capacity',
    silent: 'did not answer in time',
    left: 'left before answering',
  },
  queueReason: { nobody_free: 'nobody on duty was free', nobody_accepted: 'nobody on duty accepted' },
  moveReason: {
    rated: 'rated by the citizen',
    citizen_not_reached: 'the citizen could not be reached',
    not_solved: 'the citizen says it is not solved',
    dissatisfied: 'the citizen is dissatisfied',
  },
  satisfaction: {
    1: 'Very satisfied',
    2: 'Satisfied',
    3: 'Basically satisfied',
    4: 'Dissatisfied',
    5: 'Very dissatisfied',
  },
  ratingSource: { keys: 'By telephone keys', voice: 'By voice', person: 'Asked by a person' },
  callDirection: { inbound: 'Inbound', outbound: 'Outbound' },
  callStatus: { ringing: 'Ringing', answered: 'In conversation', ended: 'Ended' },
  callOutcome: {
    message_left: 'Message left',
    callback_requested: 'Callback requested',
    progress_told: 'Progress told',
    missed: 'Missed',
    callback_done: 'Callback completed',
    callback_failed: 'Callback not completed',
  },
  hangupBy: { caller: 'Caller hung up', system: 'Ended by the system', network: 'Line broke' },
  callbackKind: { satisfaction: 'Satisfaction call', missed_call: 'Missed call', requested: 'Callback requested' },
  callbackStatus: { pending: 'To be dialled', dialling: 'Dialling', with_person: 'With a person', done: 'Done' },
  disposition: {
    answered: 'Answered',
    broken_off: 'Broken off',
    silent: 'Answered, no reply',
    no_answer: 'No answer',
    busy: 'Busy',
    rejected: 'Rejected',
    unreachable: 'Unreachable',
    invalid_number: 'Invalid number',
    congested: 'Network congested',
    not_dialled: 'Not dialled',
    interrupted: 'Interrupted',
  },
}
