// What the page about the box asks of it: restart, power, reset, updates. All with the proof that the passphrase was typed.

import type { ErrorBody, PowerBody, ResetBody, UpdateTicketBody, UpdateView } from '../src/http/api.ts';
import { ApiError, api, reportSignedOut, sentence } from './api.ts';
import { proof } from './people.ts';
import { waitForBox } from './restarting.ts';

export const restartBox = () => goAway('restart', '/system/restart', {});
export const powerOff = () => goAway('power-off', '/system/power-off', {});
export const resetBox = (boxName: string) => goAway('reset', '/system/reset', { boxName } satisfies ResetBody);

/** Who goes at once may not have answered: then the waiting finds out. */
async function goAway(why: 'restart' | 'power-off' | 'reset', path: string, body: object): Promise<void> {
  const toldAtMs = Date.now();
  try {
    await api.post(path, { ...body, ...(await proof()) } satisfies PowerBody);
  } catch (error) {
    if (why === 'reset' || !(error instanceof ApiError && error.kind === 'offline')) throw error;
  }
  waitForBox(why, toldAtMs);
}

export const checkForUpdate = () => api.post<UpdateView>('/system/update/check', {});
export const installOffered = async () => api.post<UpdateView>('/system/update/install', await proof());

export interface Upload {
  readonly file: File;
  readonly allowOlder: boolean;
  readonly signal: AbortSignal;
  /** Bytes that have left this device. */
  readonly onProgress: (bytes: number) => void;
}

/** Sends a file to the box. Throws an ApiError with the box's own sentence when it is not taken; `stopped` when the signal aborts. */
export async function uploadUpdate({ file, allowOlder, signal, onProgress }: Upload): Promise<UpdateView> {
  const body: UpdateTicketBody = { ...(await proof()), allowOlder };
  const { ticket } = await api.post<{ readonly ticket: string }>('/system/update/ticket', body, signal);
  // `fetch` does not tell how much has been sent.
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', `/api/v1/system/update/${ticket}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.responseType = 'text';
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () => {
      if (request.status === 401) reportSignedOut();
      const answer = answerOf(request.responseText);
      if (request.status === 200) return resolve(answer as UpdateView);
      const error = (answer as Partial<ErrorBody> | undefined)?.error;
      const words = error?.message ?? `The box answered with error ${request.status}`;
      reject(new ApiError(error?.kind ?? 'internal', sentence(words)));
    };
    request.onerror = () =>
      reject(new ApiError('offline', 'The connection to the box broke off. Nothing was changed; try again.'));
    request.onabort = () => reject(new ApiError('stopped', 'You stopped it. Nothing was changed.'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

function answerOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
