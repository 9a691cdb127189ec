// A real datagram socket, of both kinds systemd may name, and who the kernel says has sent.

import { expect, test } from 'bun:test';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnChild } from '../../base/child.ts';
import { systemNotifier } from './notifier.ts';

const receiver = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.bind(sys.argv[1].replace('@', chr(0), 1))
s.settimeout(20)
print('bound', flush=True)
for _ in range(2):
    data, control, _, _ = s.recvmsg(200, 200)
    print(data.decode(), int.from_bytes(control[0][2][:4], sys.byteorder), flush=True)
`;

for (const [kind, socket] of [
  ['a file', join(mkdtempSync(join(tmpdir(), 'nightjar-notify-')), 'notify')],
  ['an abstract name', `@nightjar-test-${crypto.randomUUID()}`],
] as const) {
  test(`what is told reaches a socket that is ${kind}, and comes from this process itself`, async () => {
    await using child = spawnChild(['/usr/bin/python3', '-c', receiver, socket]);
    const text = new TextDecoderStream();
    void child.stdout.pipeTo(text.writable as WritableStream<Uint8Array>);
    const reader = text.readable.getReader();
    const { value: first } = await reader.read();
    expect(first).toBe('bound\n');
    const notifier = systemNotifier({ NOTIFY_SOCKET: socket });
    notifier.ready();
    notifier.alive();
    let said = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) said += part.value;
    expect(said).toBe(`READY=1 ${process.pid}\nWATCHDOG=1 ${process.pid}\n`);
  }, 30_000);
}

test('a socket that is gone stops nobody', () => {
  systemNotifier({ NOTIFY_SOCKET: '/nowhere/notify' }).alive();
});
