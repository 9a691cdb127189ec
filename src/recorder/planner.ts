// Decides when a recording runs and why: motion, schedule, the button, gaps, a full disk. Pure: takes what happened and
// answers with what to do. How pictures get into files is the segmenter's job.

import type { RecordReason } from './sink.ts';

export type RecordMode = 'motion' | 'continuous' | 'both' | 'manual' | 'off';

export interface PlanSettings {
  readonly mode: RecordMode;
  readonly preRollMs: number;
  readonly postRollMs: number;
}

/** What happened. Times are monotonic. */
export type PlanInput =
  /** A video packet, before it is written. */
  | { readonly kind: 'picture'; readonly atMs: number; readonly key: boolean }
  | { readonly kind: 'motion-start'; readonly atMs: number }
  | { readonly kind: 'motion-end'; readonly endMs: number }
  | { readonly kind: 'manual-start'; readonly untilMs: number }
  | { readonly kind: 'manual-stop' }
  /** No pictures, or pictures that do not join the ones before. `final`: they cannot go into the same recording. */
  | { readonly kind: 'gap'; readonly final?: boolean }
  /** The camera was turned off: what runs ends, and what asked for it is over. */
  | { readonly kind: 'off' }
  /** Nothing could be written; not to be tried again before `untilMs`. */
  | { readonly kind: 'blocked'; readonly untilMs: number }
  /** Time has passed, or settings changed. */
  | { readonly kind: 'tick' };

export interface PlanContext {
  readonly settings: PlanSettings;
  readonly nowMs: number;
  readonly wallMs: number;
  readonly scheduleOn: boolean;
  /** A key frame is at hand to begin with. */
  readonly canOpen: boolean;
}

export type PlanAction =
  /** Begin a recording with the pictures from `fromMs` on, as far as they are there. */
  | { readonly kind: 'open'; readonly fromMs: number; readonly reasons: readonly RecordReason[] }
  | { readonly kind: 'add-reason'; readonly reason: RecordReason }
  /** Finish the file; the recording goes on in another one if pictures come back in time. */
  | { readonly kind: 'pause' }
  /** Finish the recording with what was written. */
  | { readonly kind: 'close'; readonly interrupted: boolean };

export interface PlanState {
  readonly motion?: {
    readonly startMs: number;
    /** Absent while something moves. */
    readonly endMs?: number;
    /** It began or went on while the schedule was on. */
    readonly armed: boolean;
  };
  readonly manualUntilMs?: number;
  readonly blockedUntilMs?: number;
  readonly recording?: {
    readonly reasons: readonly RecordReason[];
    /** When a new recording takes over, so that lists stay useful. */
    readonly rollAtMs: number;
    /** Wall minus monotonic time when it began. */
    readonly wallOffsetMs: number;
    readonly gapSinceMs?: number;
    /** The last picture that there was a reason for. */
    readonly lastPictureMs: number;
  };
}

/** A recording that is over still waits this long for the next key frame, so that the following one joins without a gap. */
const KEY_WAIT_MS = 10_000;
/** A camera that is away for longer ends the recording, whatever its reasons. */
const LONGEST_GAP_MS = 30_000;
/** A recording does not roll over in its first minutes, nor in the middle of an event unless that goes on for this long. */
const SHORTEST_ROLL_MS = 5 * 60_000;
const ROLL_GRACE_MS = 30 * 60_000;
/** Somebody set the clock: continuous recording begins anew, so that it carries the right time. */
const CLOCK_STEP_MS = 2000;
const HOUR_MS = 3_600_000;

export interface Planned {
  readonly state: PlanState;
  readonly actions: readonly PlanAction[];
}

export function plan(before: PlanState, input: PlanInput, context: PlanContext): Planned {
  const state = taken(before, input, context);
  const atMs = input.kind === 'picture' ? input.atMs : context.nowMs;
  const reasons = wanted(state, atMs, context);
  return state.recording
    ? whileRecording(state, state.recording, input, atMs, reasons, context)
    : whileIdle(state, reasons, context);
}

/** The state after what happened, before deciding. */
function taken(state: PlanState, input: PlanInput, { scheduleOn, nowMs }: PlanContext): PlanState {
  const { motion, manualUntilMs, blockedUntilMs, ...rest } = state;
  let next: PlanState = {
    ...rest,
    ...(motion ? { motion: { ...motion, armed: motion.armed || (scheduleOn && motion.endMs === undefined) } } : {}),
    ...(manualUntilMs !== undefined && manualUntilMs > nowMs ? { manualUntilMs } : {}),
    ...(blockedUntilMs !== undefined && blockedUntilMs > nowMs ? { blockedUntilMs } : {}),
  };
  switch (input.kind) {
    case 'motion-start':
      next = { ...next, motion: { startMs: input.atMs, armed: scheduleOn } };
      break;
    case 'motion-end':
      if (next.motion) next = { ...next, motion: { ...next.motion, endMs: input.endMs } };
      break;
    case 'manual-start':
      next = { ...next, manualUntilMs: input.untilMs };
      break;
    case 'manual-stop': {
      const { manualUntilMs: _, ...stopped } = next;
      next = stopped;
      break;
    }
    case 'off': {
      const { manualUntilMs: _, motion: __, ...off } = next;
      next = off;
      break;
    }
    case 'blocked':
      next = { ...next, blockedUntilMs: input.untilMs };
      break;
    case 'gap':
    case 'picture':
    case 'tick':
      break;
  }
  return next;
}

/** The reasons that keep a recording going at a moment. */
function wanted(state: PlanState, atMs: number, { settings, scheduleOn }: PlanContext): readonly RecordReason[] {
  const { mode, postRollMs } = settings;
  const { motion } = state;
  const moving = motion?.armed && (motion.endMs === undefined || atMs < motion.endMs + postRollMs);
  const reasons: RecordReason[] = [];
  if ((mode === 'continuous' || mode === 'both') && scheduleOn) reasons.push('continuous');
  if ((mode === 'motion' || mode === 'both') && moving) reasons.push('motion');
  if (mode !== 'off' && state.manualUntilMs !== undefined && atMs < state.manualUntilMs) reasons.push('manual');
  return reasons;
}

function whileIdle(state: PlanState, reasons: readonly RecordReason[], context: PlanContext): Planned {
  const { nowMs, wallMs, settings, canOpen } = context;
  if (reasons.length === 0 || !canOpen || state.blockedUntilMs !== undefined) return { state, actions: [] };
  const forMotion = reasons.includes('motion') && state.motion;
  const fromMs = forMotion ? Math.min(nowMs, state.motion.startMs - settings.preRollMs) : nowMs;
  const named = withMotionMark(state, reasons);
  const toHour = HOUR_MS - (wallMs % HOUR_MS);
  const recording = {
    reasons: named,
    rollAtMs: nowMs + (toHour < SHORTEST_ROLL_MS ? toHour + HOUR_MS : toHour),
    wallOffsetMs: wallMs - nowMs,
    lastPictureMs: nowMs,
  };
  return { state: { ...state, recording }, actions: [{ kind: 'open', fromMs, reasons: named }] };
}

function whileRecording(
  state: PlanState,
  recording: NonNullable<PlanState['recording']>,
  input: PlanInput,
  atMs: number,
  reasons: readonly RecordReason[],
  context: PlanContext,
): Planned {
  const close = (interrupted: boolean, without: PlanState = state): Planned => {
    const { recording: _, ...idle } = without;
    return { state: idle, actions: [{ kind: 'close', interrupted }] };
  };
  if (input.kind === 'off') return close(false);
  if (input.kind === 'blocked' || (input.kind === 'gap' && input.final)) return close(true);

  const actions: PlanAction[] = [];
  let next = recording;
  if (input.kind === 'gap' && next.gapSinceMs === undefined) {
    next = { ...next, gapSinceMs: context.nowMs };
    actions.push({ kind: 'pause' });
  }
  if (next.gapSinceMs !== undefined) {
    const tooLong = context.nowMs - next.gapSinceMs > LONGEST_GAP_MS;
    if (tooLong) {
      // Nobody can tell whether it still moves; if it does, the detector says so again when there are pictures.
      const { motion, ...others } = state;
      return close(true, motion && motion.endMs === undefined ? others : state);
    }
    if (reasons.length === 0) return close(true);
    if (input.kind === 'picture' && input.key) {
      const { gapSinceMs: _, ...back } = next;
      next = back;
    }
  } else if (reasons.length === 0) {
    const overdue = atMs - recording.lastPictureMs > KEY_WAIT_MS;
    if (input.kind === 'picture' ? input.key || overdue : overdue) return close(false);
  } else if (input.kind === 'picture' && input.key && rollIsDue(recording, atMs, reasons, context)) {
    const { recording: _, ...idle } = state;
    const reopened = whileIdle(idle, reasons, context);
    const opened = reopened.actions.map((a) => (a.kind === 'open' ? { ...a, fromMs: input.atMs } : a));
    return { state: reopened.state, actions: [{ kind: 'close', interrupted: false }, ...opened] };
  }

  if (input.kind === 'picture' && reasons.length > 0) next = { ...next, lastPictureMs: input.atMs };
  for (const reason of withMotionMark(state, reasons)) {
    if (next.reasons.includes(reason)) continue;
    next = { ...next, reasons: [...next.reasons, reason] };
    actions.push({ kind: 'add-reason', reason });
  }
  return { state: { ...state, recording: next }, actions };
}

/** Motion marks whatever recording runs, also one that it could not have started itself. */
const withMotionMark = (state: PlanState, reasons: readonly RecordReason[]): readonly RecordReason[] =>
  state.motion && state.motion.endMs === undefined && !reasons.includes('motion') ? [...reasons, 'motion'] : reasons;

function rollIsDue(
  recording: NonNullable<PlanState['recording']>,
  atMs: number,
  reasons: readonly RecordReason[],
  { wallMs, nowMs }: PlanContext,
): boolean {
  const quiet = reasons.length === 1 && reasons[0] === 'continuous';
  if (!quiet) return atMs >= recording.rollAtMs + ROLL_GRACE_MS;
  return atMs >= recording.rollAtMs || Math.abs(wallMs - nowMs - recording.wallOffsetMs) > CLOCK_STEP_MS;
}
