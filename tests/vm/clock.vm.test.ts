// A Pi has no clock battery, and after a power cut the router comes back later than the box: it records without knowing the
// time, and dates what it recorded when the time comes.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CameraView } from '../../src/http/api.ts';
import { eventually, type Owner } from '../support/box.ts';
import { startVm, type Vm } from '../support/vm.ts';
import { claimedDisk, MINUTES, recordingsOf, recordsAgain, signInTo, steadyCamera } from '../support/vm-box.ts';

const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'nightjar-clock-'));
let vm: Vm;
let owner: Owner;
beforeAll(async () => {
  vm = await startVm({ from: await claimedDisk(), clock: '2000-01-01', network: 'cut-off', lifeMs: 10 * MINUTES });
  owner = await signInTo(vm);
}, 10 * MINUTES);
afterAll(async () => {
  await vm?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test(
  'without battery and network it records, and says that it does not know when that was',
  async () => {
    // A camera that needs no network, either: a clip, played again and again.
    const clip = join(folder, 'clip.mp4');
    const made = Bun.spawnSync(
      [
        'ffmpeg',
        '-v',
        'error',
        '-f',
        'lavfi',
        '-i',
        'testsrc=size=320x240:rate=10',
        '-t',
        '4',
        '-g',
        '10',
        '-c:v',
        'libx264',
        clip,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    expect(made.stderr.toString()).toBe('');
    await vm.run(`base64 -d > /run/clip.mp4 <<<'${readFileSync(clip).toString('base64')}'; chmod 644 /run/clip.mp4`);
    const camera = steadyCamera({ kind: 'file', path: '/run/clip.mp4' } as { kind: string });
    await owner.json<CameraView>('/api/v1/cameras', { method: 'POST', json: camera });
    const { recording } = await recordsAgain(vm, owner);
    expect(recording.timeUnknown).toBe(true);
  },
  5 * MINUTES,
);

test(
  'when the time comes, what was recorded before is dated by it',
  async () => {
    const [before] = await recordingsOf(owner);
    const boxMs = Number(await vm.run('date +%s%3N'));
    // Four hundred days from what it thinks: nothing but the time server can have told it.
    const trueMs = boxMs + 400 * DAY_MS;
    await vm.run(timeServer((trueMs - boxMs) / 1000));
    await eventually(
      'the clock to be set',
      async () => (Math.abs(Number(await vm.run('date +%s%3N')) - trueMs) < 300_000 ? true : undefined),
      MINUTES,
    );
    const dated = await eventually(
      'the recording to be dated',
      async () => (await recordingsOf(owner)).find((r) => r.id === before!.id && !r.timeUnknown),
      2 * MINUTES,
    );
    expect(Math.abs(dated.startMs - (before!.startMs + 400 * DAY_MS))).toBeLessThan(5000);
  },
  5 * MINUTES,
);

/** Inside the box, as no port of a time server may be opened on this host, in the little Perl that every Debian has: answers with the box's own time plus so many seconds. */
const timeServer = (aheadS: number) => `
cat > /run/time-server.pl <<'PERL'
use IO::Socket::INET;
my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 123, Proto => "udp") or die $!;
sub up { open my $file, "<", "/proc/uptime" or die $!; (split / /, <$file>)[0] }
my $ahead = time() + $ARGV[0] - up();
sub stamp { my $t = up() + $ahead + 2208988800; pack("NN", int($t), int(($t - int($t)) * 4294967296)) }
while ($s->recv(my $asked, 512)) {
  my $now = stamp();
  $s->send(pack("CCCc", 0x24, 1, 6, -20) . pack("NN", 0, 66) . "TEST" . $now . substr($asked, 40, 8) . $now . stamp());
}
PERL
systemd-run -q --unit=time-server perl /run/time-server.pl ${aheadS}
mkdir -p /run/systemd/timesyncd.conf.d
printf '[Time]\\nNTP=127.0.0.1\\n' > /run/systemd/timesyncd.conf.d/90-test.conf
systemctl restart systemd-timesyncd
systemctl is-active time-server.service`;
