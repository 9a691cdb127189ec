// A machine for tests: the image of `make vm-image`, unchanged, in an emulator of its own, with ports of this host that lead to
// its page and an agent that runs scripts in it. It never outlives the test: its disposal, a deadline and the end of this
// process each end it. No KVM: an emulated boot takes about half a minute.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, agentArgument, agentCredentials, type Ran } from './vm-agent.ts';
import { overlay, type VmImage, vmImage } from './vm-disk.ts';
import { openMonitor } from './vm-monitor.ts';

export interface VmOptions {
  /** Disk to start from, left as it is: the image itself by default. */
  readonly from?: string;
  /** A disk of the caller's, changed and kept: how a box goes on after a power cut. Instead of `from`. */
  readonly disk?: string;
  /** Moved to a card of this size. */
  readonly bytes?: number;
  /** home: the host is at 10.0.2.2. cut-off: nothing goes out; the page is reached all the same. */
  readonly network?: 'home' | 'cut-off';
  /** What the clock of the board says; 2000-01-01 is a Pi without a battery. Default: now. */
  readonly clock?: string;
  /** More kernel arguments. */
  readonly arguments?: string;
  /** More credentials, name → content: units, drop-ins. */
  readonly credentials?: Readonly<Record<string, string>>;
  readonly memoryMB?: number;
  /** More of the emulator's own arguments. */
  readonly devices?: readonly string[];
  /** Ends by itself after that long. */
  readonly lifeMs?: number;
  readonly image?: VmImage;
}

export interface Vm extends AsyncDisposable {
  readonly pid: number;
  /** e.g. http://127.0.0.1:40123, which leads to port 80 of the box. */
  readonly http: string;
  readonly https: string;
  /** The qcow2 file it runs on. */
  readonly disk: string;
  /** Boot ids so far; the last is the running one. */
  readonly boots: readonly string[];
  /** What a script printed, run by bash as root in the box. Throws with its words when it fails. Default: 30 s. */
  run(script: string, withinMs?: number): Promise<string>;
  /** The same, with its exit code as a value. */
  tryRun(script: string, withinMs?: number): Promise<Ran>;
  uptimeS(): Promise<number>;
  /** Waits for the boot that comes after those of `boots`, whoever asked for it. */
  nextBoot(withinMs?: number): Promise<string>;
  serial(): string;
  /** A command of the emulator's monitor. */
  monitor(command: string): Promise<string>;
  /** What the emulator told by itself so far, by QMP's names, such as WATCHDOG. */
  readonly events: readonly string[];
  /** Pulls the plug. What the box had not made durable is lost. */
  cutPower(): Promise<void>;
  /** Shuts down as the power button does, and waits for the end. */
  powerOff(withinMs?: number): Promise<void>;
  /** Resolves when the machine is off, for whatever reason; `disk` may then be copied. */
  readonly off: Promise<void>;
}

/** How many times as long as usual is waited for everything. */
export const patience = Number(process.env.NIGHTJAR_SLOW ?? 1);
const BOOT_WITHIN_MS = 240_000 * patience;
const running = new Set<() => void>();
process.once('exit', () => {
  for (const end of running) end();
});

/** Boots and waits for the agent (early in the boot: the services may not be there yet). Throws with the console's end when it does not come. */
export async function startVm(options: VmOptions = {}): Promise<Vm> {
  const image = options.image ?? vmImage();
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-vm-'));
  const at = (name: string) => join(folder, name);
  const disk = options.disk ?? (await overlay(options.from ?? image.disk, at('disk.qcow2'), options.bytes));
  const credentials = Object.entries(options.credentials ?? {}).map(
    ([name, text]) => `io.systemd.credential.binary:${name}=${Buffer.from(text).toString('base64')}`,
  );
  const ports = 'hostfwd=tcp:127.0.0.1:0-:80,hostfwd=tcp:127.0.0.1:0-:443';
  const child = Bun.spawn(
    [
      ...['setpriv', '--pdeathsig', 'KILL', 'qemu-system-x86_64', '-nodefaults', '-no-user-config', '-display', 'none'],
      ...['-M', 'q35,sata=off,smbus=off', '-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'max', '-smp', '2'],
      ...['-m', String(options.memoryMB ?? 1024), '-rtc', `base=${options.clock ?? 'utc'}`],
      ...['-kernel', image.kernel, '-initrd', image.initrd],
      ...['-append', [image.append, agentArgument, options.arguments ?? ''].join(' ').trim()],
      ...['-drive', `file=${disk},if=none,id=disk,format=qcow2,discard=unmap`, '-device', 'virtio-blk-pci,drive=disk'],
      ...['-netdev', `user,id=net,${ports},restrict=${options.network === 'cut-off' ? 'on' : 'off'}`],
      ...['-device', 'virtio-net-pci,netdev=net', '-device', 'virtio-rng-pci', '-device', 'i6300esb'],
      ...['-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=agent,name=nightjar.agent'],
      ...['-chardev', `socket,id=agent,path=${at('agent')},server=on,wait=off`],
      ...['-chardev', `file,id=console,path=${at('console')}`, '-serial', 'chardev:console'],
      ...['-qmp', `unix:${at('monitor')},server=on,wait=off`],
      ...[...(await agentCredentials()), ...credentials].flatMap((value) => ['-smbios', `type=11,value=${value}`]),
      ...(options.devices ?? []),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const end = () => child.kill('SIGKILL');
  running.add(end);
  const deadline = setTimeout(end, options.lifeMs ?? 600_000);
  const errors = new Response(child.stderr).text();
  const agent = new Agent();
  const serial = () => {
    try {
      return readFileSync(at('console'), 'utf8');
    } catch {
      return '';
    }
  };
  const off = child.exited.then(() => {
    clearTimeout(deadline);
    running.delete(end);
    agent.close();
  });
  const dispose = async () => {
    end();
    await off;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const ended = off.then(async () => Promise.reject(new Error(`the emulator ended: ${await errors}`)));
    ended.catch(() => {});
    const monitor = await Promise.race([openMonitor(at('monitor')), ended]);
    await Promise.race([agent.connect(at('agent')), ended]);
    const [http, https] = forwarded(await monitor.say('info usernet'));
    await Promise.race([agent.boot(1, BOOT_WITHIN_MS), ended]);
    const tryRun: Vm['tryRun'] = (script, withinMs = 30_000) => agent.run(script, withinMs);
    const run: Vm['run'] = async (script, withinMs) => {
      const { status, out, err } = await tryRun(script, withinMs);
      if (status !== 0) throw new Error(`exit code ${status} of: ${script.slice(0, 300)}\n${out}${err}`);
      return out;
    };
    return {
      pid: child.pid,
      http: `http://127.0.0.1:${http}`,
      https: `https://127.0.0.1:${https}`,
      disk,
      get boots() {
        return agent.boots;
      },
      run,
      tryRun,
      uptimeS: async () => Number((await run('cut -d" " -f1 /proc/uptime')).trim()),
      nextBoot: (withinMs = BOOT_WITHIN_MS) => agent.boot(agent.boots.length + 1, withinMs),
      serial,
      monitor: (command) => monitor.say(command),
      events: monitor.events,
      cutPower: async () => {
        end();
        await off;
      },
      powerOff: async (withinMs = 90_000) => {
        await monitor.say('system_powerdown');
        const late = setTimeout(end, withinMs);
        await off;
        clearTimeout(late);
        if (child.signalCode)
          throw new Error(`it did not switch off within ${withinMs / 1000} s\n${serial().slice(-2000)}`);
      },
      off,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (cause) {
    const console = serial().slice(-3000);
    await dispose();
    throw new Error(`the machine did not boot; its console ended with:\n${console}`, { cause });
  }
}

/** Host ports of the two forwards, in the order 80, 443, from the emulator's own table. */
function forwarded(table: string): readonly [number, number] {
  const port = (guest: number) => {
    const line = new RegExp(`HOST_FORWARD\\D*\\d+\\s+127\\.0\\.0\\.1\\s+(\\d+)\\s+\\S+\\s+${guest}\\s`).exec(table);
    if (!line) throw new Error(`no forward to port ${guest} in:\n${table}`);
    return Number(line[1]);
  };
  return [port(80), port(443)];
}
