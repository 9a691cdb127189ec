// The box in a machine, as its owner meets it: the page answers, the box is claimed, a camera records. And disks of boxes that
// are claimed already, so that not every test begins with a first boot.

import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type {
  CameraPatch,
  CameraView,
  RecordingPage,
  RecordingView,
  SessionView,
  SystemView,
} from '../../src/http/api.ts';
import { eventually, type Owner, type Visitor, visitorOf } from './box.ts';
import { type RtspCamera, startRtsp } from './rtsp.ts';
import { patience, startVm, type Vm, type VmOptions } from './vm.ts';
import { copyDisk, vmImage } from './vm-disk.ts';

/** Of patience, not of goals: an emulated machine on a busy host takes several times as long. NIGHTJAR_SLOW=3 waits three times as long. */
export const MINUTES = 60_000 * patience;
const PAGE_WITHIN_MS = 4 * MINUTES;

export interface Answered {
  readonly visitor: Visitor;
  readonly session: SessionView;
  /** Of the machine, when the page was there. */
  readonly uptimeS: number;
}

/** Waits for the box's own page (not the rescue page). Throws with what the box's services say when it does not come. */
export async function pageOf(vm: Vm, withinMs = PAGE_WITHIN_MS): Promise<Answered> {
  const visitor = visitorOf(vm.http);
  try {
    const session = await eventually(
      'the page',
      async () => {
        const answer = await visitor.fetch('/api/v1/session', { signal: AbortSignal.timeout(5000) });
        return answer.ok ? ((await answer.json()) as SessionView) : undefined;
      },
      withinMs,
    );
    return { visitor, session, uptimeS: await vm.uptimeS() };
  } catch (cause) {
    throw new Error(`the page did not come\n${await complaints(vm)}`, { cause });
  }
}

/** What the box has to say for itself when something is wrong with it. */
export async function complaints(vm: Vm): Promise<string> {
  const asked = await vm
    .tryRun(
      'systemctl --failed --no-legend; systemctl list-jobs --no-legend; cat /run/nightjar-boot/boot.json; journalctl -b --no-pager -o cat -u "nightjar*" | tail -n 40',
    )
    .catch(() => undefined);
  return `${asked ? asked.out + asked.err : 'it does not answer'}\n--- console\n${vm.serial().slice(-1500)}`;
}

export const signInTo = async (vm: Vm): Promise<Owner> => (await pageOf(vm)).visitor.signIn();

export const systemOf = (owner: Owner) => owner.json<SystemView>('/api/v1/system');

export const recordingsOf = async (owner: Owner): Promise<readonly RecordingView[]> =>
  (await owner.json<RecordingPage>('/api/v1/recordings?limit=100')).recordings;

/** The camera that power cuts and crashes are tried on: one continuous recording in short files. */
export const steadyCamera = (source: { readonly kind: string; readonly [key: string]: unknown }) => ({
  name: 'Yard',
  source,
  motion: { enabled: false },
  record: { mode: 'continuous', segmentS: 5 },
  alerts: { mailOnMotion: false, mailOnLost: false },
});

/** What that camera is: a real RTSP server on this host, which the box reaches as 10.0.2.2. */
export const startYard = (): Promise<RtspCamera> =>
  startRtsp('--size', '320x240', '--fps', '10', '--gop', '10', '--bitrate', '300');

export const addYard = (owner: Owner, { port }: RtspCamera) =>
  owner.json<CameraView>('/api/v1/cameras', {
    method: 'POST',
    json: steadyCamera({ kind: 'rtsp', url: `rtsp://10.0.2.2:${port}/cam` }),
  });

export const setCamera = (owner: Owner, id: string, patch: CameraPatch) =>
  owner.json<CameraView>(`/api/v1/cameras/${id}`, { method: 'PUT', json: patch });

/**
 * Waits until something is being recorded that is none of `known`, and its first bytes are kept. Answers it, and the
 * machine's uptime then.
 */
export async function recordsAgain(
  vm: Vm,
  owner: Owner,
  known: ReadonlySet<string> = new Set(),
  withinMs = 2 * MINUTES,
): Promise<{ readonly recording: RecordingView; readonly uptimeS: number }> {
  try {
    const recording = await eventually(
      'a new recording',
      async () => (await recordingsOf(owner)).find((r) => !known.has(r.id) && r.endMs === undefined && r.bytes > 0),
      withinMs,
    );
    return { recording, uptimeS: await vm.uptimeS() };
  } catch (cause) {
    const cameras = await owner.json<readonly CameraView[]>('/api/v1/cameras').catch(String);
    throw new Error(`it does not record: ${JSON.stringify(cameras)}\n${await complaints(vm)}`, { cause });
  }
}

/**
 * Waits until what is being recorded is of now: a box that has just started is emulated more slowly than its camera sends, and a
 * power cut meanwhile would measure the emulator. The newest file is named after its first picture, and is five seconds long.
 */
export async function caughtUp(vm: Vm): Promise<void> {
  let inTime = 0;
  await eventually(
    'the box to keep up with its camera',
    async () => {
      const [nowMs, newestMs] = (
        await vm.run(
          'date +%s%3N; find /data/nightjar/recordings -name "*.nj" -printf "%f\\n" | sort -n | tail -n 1 | cut -d- -f1',
        )
      )
        .trim()
        .split('\n')
        .map(Number);
      inTime = nowMs! - newestMs! < 6500 ? inTime + 1 : 0;
      return inTime >= 4 || undefined;
    },
    3 * MINUTES,
  );
}

/** `nightjar check` on what the box has kept; '' when all is well. */
export async function checkedClean(vm: Vm): Promise<string> {
  const { status, out, err } = await vm.tryRun(
    'setpriv --reuid nightjar --regid nightjar --clear-groups nightjar check --deep --data /data/nightjar',
    120_000,
  );
  return status === 0 ? '' : `${out}${err}${await complaints(vm)}`;
}

/** A disk in a state that takes long to reach, made once for this image: copied by whoever wants to go on from there. */
export async function keptDisk(name: string, make: (options: VmOptions) => Promise<Vm>): Promise<string> {
  const image = vmImage();
  const folder = join(image.disk, '..', 'states');
  const path = join(folder, `${image.madeOf}-${name}.qcow2`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const making = `${path}.${process.pid}`;
  try {
    await using vm = await make({});
    await vm.powerOff();
    await copyDisk(vm.disk, making);
    renameSync(making, path);
    return path;
  } finally {
    rmSync(making, { force: true });
  }
}

/** A claimed box without a camera, switched off properly. */
export const claimedDisk = (): Promise<string> =>
  keptDisk('claimed', async (options) => {
    const vm = await startVm(options);
    try {
      const { visitor } = await pageOf(vm);
      await visitor.claim(undefined);
      return vm;
    } catch (error) {
      await vm[Symbol.asyncDispose]();
      throw error;
    }
  });
