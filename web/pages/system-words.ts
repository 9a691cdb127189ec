// What the page says of the box itself, in sentences: what runs, what the start found and did, how the last update went.

import type { BootReport, SystemView, UpdateView } from '../../src/http/api.ts';
import { sentence } from '../api.ts';
import { dateTime, size } from '../words.ts';

export interface NoticeWords {
  readonly level: 'info' | 'warn' | 'error' | 'ok';
  readonly message: string;
  readonly advice?: string;
}

export const slotWords = (slot: SystemView['slot']): string =>
  slot === 'factory' ? 'As it came with the card' : 'From an update';

export function lastUpdateWords({ last }: UpdateView): NoticeWords | undefined {
  if (!last) return undefined;
  const when = last.atMs === undefined ? '' : ` (${dateTime(last.atMs)})`;
  return last.outcome === 'holds'
    ? { level: 'ok', message: `The update to ${last.version} holds${when}.` }
    : {
        level: 'warn',
        message: `The update to ${last.version} did not work, so the version before is back${when}.`,
        advice: sentence(last.message),
      };
}

/** What the owner should know of the start, worst first; empty after an ordinary one. */
export function startNotices(boot: BootReport | undefined): readonly NoticeWords[] {
  if (!boot) return [];
  const notices: NoticeWords[] = [];
  if (boot.disk.kind === 'missing') notices.push({ level: 'error', message: sentence(boot.disk.message) });
  else {
    const anew = boot.disk.did.find(({ kind }) => kind === 'made-anew');
    if (anew) {
      notices.push({
        level: 'error',
        message: 'The part of the card that holds recordings could not be read any more, and was made anew.',
        advice: 'What was recorded before is lost. A card that does this once does it again: replace it.',
      });
    }
    if (boot.disk.did.some(({ kind }) => kind === 'mended')) {
      notices.push({
        level: 'warn',
        message: 'The card had errors, which were mended.',
        advice: 'After a power cut that is nothing unusual. Without one, the card may be wearing out.',
      });
    }
  }
  if (boot.reset) {
    const { by } = boot.reset;
    const who = { page: 'from the page', file: 'by the file on the card', argument: 'by the boot argument' }[by];
    notices.push({ level: 'info', message: `The box was reset at this start, as it was asked to ${who}.` });
  }
  for (const problem of boot.problems) notices.push({ level: 'warn', message: sentence(problem) });
  return notices;
}

/** The rows of the table about the start. */
export function startRows({ disk, hostName }: BootReport): readonly (readonly [string, string])[] {
  const rows: (readonly [string, string])[] = [['Name on the network', `${hostName}.local`]];
  if (disk.kind === 'missing') return [...rows, ['Space for recordings', 'None']];
  rows.push(['Space for recordings', `${size(disk.bytes)} on ${disk.partition}`]);
  for (const deed of disk.did) {
    if (deed.kind === 'made') rows.push(['At this start', 'Made, on a card that had none']);
    else if (deed.kind === 'grown') {
      rows.push(['At this start', `Grown from ${size(deed.fromBytes)} to ${size(deed.toBytes)}`]);
    } else if (deed.kind === 'mended') rows.push(['At this start', 'Errors mended']);
    else rows.push(['At this start', 'Made anew']);
  }
  return rows;
}

/** Whether that is what the box is called: spaces at the ends do not count. */
export const isName = (typed: string, boxName: string): boolean =>
  typed.normalize('NFC').trim() === boxName.normalize('NFC').trim();
