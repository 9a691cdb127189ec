// Motion starts → mail with picture accepted by a local server. The camera shows a visitor at known wall times.

import { eventually, startBox } from '../../tests/support/box.ts';
import { startMailServer } from '../../tests/support/mail.ts';
import { startRtsp } from '../../tests/support/rtsp.ts';

const EVERY_S = 12;

export async function motionToMailMs(mails: number): Promise<readonly number[]> {
  await using rtsp = await startRtsp(
    '--visitor',
    String(EVERY_S),
    '--noise',
    '--size',
    '1280x720',
    '--fps',
    '25',
    '--gop',
    '50',
  );
  await using server = await startMailServer();
  await using box = await startBox();
  const owner = await box.claim();
  const { mail } = await owner.json<{ mail: object }>('/api/v1/settings');
  const here = {
    enabled: true,
    host: '127.0.0.1',
    port: server.port,
    security: 'none',
    from: 'box@example.org',
    to: ['me@example.org'],
  };
  await owner.json('/api/v1/settings/mail', { method: 'PUT', json: { ...mail, ...here, proof: owner.proof } });
  await owner.json('/api/v1/cameras', {
    method: 'POST',
    json: {
      name: 'Yard',
      source: { kind: 'rtsp', url: rtsp.url },
      motion: { mergeGapS: 2 },
      record: { postRollS: 2 },
      alerts: { coolDownS: 0 },
    },
  });
  await eventually(
    `${mails} mails`,
    () => (server.received.length >= mails ? true : undefined),
    (mails + 4) * EVERY_S * 1000,
  );
  const delays = server.received.slice(0, mails).map(({ acceptedAtMs, raw }) => {
    if (!/Content-Type: image\/jpeg/i.test(raw)) throw new Error('a mail came without its picture');
    return acceptedAtMs % (EVERY_S * 1000);
  });
  if (process.env.VERBOSE) console.log(delays);
  return delays;
}
