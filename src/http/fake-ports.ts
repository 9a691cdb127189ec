// Small ports for the tests of the web application: one owner, one camera, one recording, all in memory.

import type {
  CameraView,
  NetworkView,
  PersonView,
  RecordingDetail,
  Role,
  SegmentIndexView,
  StreamTokenView,
  UpdateView,
} from './api.ts';
import type { Body, LiveViewer, Ports, Session, TuningListener } from './ports.ts';

export const owner = { name: 'ada', signIn: 'a1'.repeat(32) };
export const deviceKey = 'd0'.repeat(32);

export const personOf = (role: Role): PersonView => ({
  id: role === 'owner' ? 'p1' : `p-${role}`,
  name: role === 'owner' ? owner.name : role,
  role,
  secondFactor: false,
  createdAtMs: 0,
});
export const claimCode = 'K7QF-3MHD';
export const recordingBytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);

export const yard: CameraView = {
  id: 'yard',
  name: 'Yard',
  settings: { id: 'yard', source: { kind: 'rtsp', url: 'rtsp://192.168.1.20/s', password: '' } } as never,
  secretsSet: ['source.password'],
  health: { state: 'live', sinceMs: 0, smallStream: false, restarts: 0 },
  watching: true,
  motion: { moving: false, level: 0 },
  recording: [],
};

export const visit: RecordingDetail = {
  id: 'r1',
  cameraId: 'yard',
  cameraName: 'Yard',
  startMs: 1000,
  endMs: 5000,
  durationMs: 4000,
  bytes: recordingBytes.length,
  reasons: ['motion'],
  hasStill: true,
  peakLevel: 40,
  events: [],
  interrupted: false,
  starred: false,
  segments: [],
};

export const sealedBytes = Uint8Array.of(0x4e, 0x4a, 0x53, 0x45, 0x41, 0x4c, 0x1a, 0x0a);
export const segmentIndex: SegmentIndexView = {
  bytes: recordingBytes.length,
  headBytes: 200,
  finished: true,
  entries: [
    [0, 200, 0, 0, 1, 255],
    [1, 300, 0, 4000, 2, 40],
  ],
};

export const idleUpdate: UpdateView = { state: { kind: 'idle' }, hasKeys: true };

export const namedBox: NetworkView = {
  name: { hostName: 'my-house.duckdns.org', addresses: [], busy: false },
  certificate: {
    ...{ kind: 'automatic', names: ['my-house.duckdns.org'], fingerprint: 'AB:CD', issuer: "Let's Encrypt E7" },
    ...{ fromMs: 0, untilMs: 90 * 86_400_000 },
  },
  address: 'https://my-house.duckdns.org',
};

export const bodyOf = (bytes: Uint8Array): Body => ({
  bytes: bytes.length,
  stream: (from, to) => new Blob([bytes.slice(from, to)]).stream() as ReadableStream<Uint8Array>,
});

export interface FakeBox {
  readonly ports: Ports;
  /** What the routes asked of the rooms, in words. */
  readonly asked: string[];
  readonly sessions: Map<string, Session>;
  readonly viewers: LiveViewer[];
  readonly watched: string[][];
  readonly tuners: TuningListener[];
  readonly changeListeners: Set<(name: never, data: never) => void>;
  claimed: boolean;
  codeNeeded: boolean;
  throttled: boolean;
  /** Of the owner's second factor; none when undefined. */
  code?: string;
}

export function fakeBox(replace: { readonly [K in keyof Ports]?: Partial<Ports[K]> } = {}): FakeBox {
  const tokens = new Map<string, StreamTokenView>();
  const signIn = (recovering = false) => {
    const cookie = openSession(box, 'owner', recovering);
    return { ok: true, session: box.sessions.get(cookie)!, cookie } as const;
  };
  const throttled = { ok: false, reason: 'throttled', retryAfterS: 30 } as const;
  const cameraNamed = (id: string) => (id === 'yard' ? yard : undefined);
  const ask = <T>(words: string, answer: T): T => {
    box.asked.push(words);
    return answer;
  };
  const ports: Ports = {
    boxName: () => 'Test box',
    version: '1.2.3',
    access: {
      deviceKey: () => deviceKey,
      isClaimed: () => box.claimed,
      isClaimCodeNeeded: () => !box.claimed && box.codeNeeded,
      claim({ code }) {
        if (box.claimed) return { ok: false, reason: 'claimed', message: 'this box has an owner' };
        if (box.codeNeeded && code !== claimCode) return { ok: false, reason: 'wrong' };
        box.claimed = true;
        return signIn();
      },
      loginParameters: (name) =>
        box.throttled ? throttled : { ok: true, parameters: { n: 16_384, r: 8, p: 1, salt: '00', personId: name } },
      login({ name, signIn: secret, code }) {
        if (box.throttled) return throttled;
        if (name !== owner.name || secret !== owner.signIn) return { ok: false, reason: 'wrong' };
        if (box.code === undefined || box.code === code) return signIn();
        return { ok: false, reason: code === undefined ? 'second-factor' : 'wrong' };
      },
      session: (cookie) => box.sessions.get(cookie),
      logout(id) {
        for (const [cookie, session] of box.sessions) if (session.id === id) box.sessions.delete(cookie);
      },
      vault: (id) => ask(`vault ${id}`, { keyring: {} as never, revision: '1' }),
      prove: (session, secret) =>
        session.recovering || secret === owner.signIn ? { ok: true } : { ok: false, reason: 'wrong' },
      changeKeys: ({ revision }) => ask(`change keys ${revision}`, { keyring: {} as never, revision: '2' }),
      changePassphrase: (session, { current }) =>
        current === owner.signIn ? ask(`rewrap ${session.person.id}`, { ok: true }) : { ok: false, reason: 'wrong' },
      people: () => [personOf('owner')],
      addPerson: ({ name, personId }) => ask(`add ${personId}`, { ...personOf('viewer'), id: personId, name }),
      removePerson: (id) => ask(`remove person ${id}`, undefined),
      resetPerson: (by, id) =>
        by.person.id === id && !by.recovering
          ? { ok: false, reason: 'current-needed' }
          : ask(`reset ${id}`, { ok: true }),
      recover: () => (box.throttled ? throttled : { ok: true, id: 'c1', challenge: 'c0' }),
      answerRecovery: ({ id, answer }) =>
        id === 'c1' && answer === 'right' ? signIn(true) : { ok: false, reason: 'wrong' },
      offerSecondFactor: (id) => ask(`offer ${id}`, { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/x' }),
      confirmSecondFactor: (_id, code) => code === '123456',
      removeSecondFactor: (_id, secret) => (secret === owner.signIn ? { ok: true } : { ok: false, reason: 'wrong' }),
      streamTokens: () => [...tokens.values()],
      createStreamToken(name, cameraId) {
        const token = { id: `t${tokens.size + 1}`, name, cameraId, createdAtMs: 0, token: `token${tokens.size + 1}` };
        tokens.set(token.id, token);
        return token;
      },
      revokeStreamToken: (id) => tokens.delete(id),
      streamTokenOpens: (token, cameraId) =>
        [...tokens.values()].some((t) => t.token === token && (t.cameraId === null || t.cameraId === cameraId)),
    },
    cameras: {
      list: () => [yard],
      get: cameraNamed,
      add: async (body) => ask(`add ${JSON.stringify(body)}`, yard),
      change: async (id, patch) => ask(`change ${id} ${JSON.stringify(patch)}`, yard),
      remove: async (id) => ask(`remove ${id}`, undefined),
      test: async (_source, cameraId) => ask(`test ${cameraId}`, { ok: true, steps: [] }),
      devices: async () => [],
      feed: () => undefined,
      startManual: async (id, limitS) => ask(`start ${id} ${limitS}`, yard),
      stopManual: async (id) => ask(`stop ${id}`, yard),
      settings: () => undefined,
    },
    recordings: {
      list: (q) => ask(`list ${JSON.stringify(q)}`, { recordings: [visit] }),
      days: () => [],
      get: (id) => (id === visit.id ? visit : undefined),
      events: (q) => ask(`events ${JSON.stringify(q)}`, []),
      timeline: (q) => ask(`timeline ${JSON.stringify(q)}`, { segments: [], next: '1000-s1' }),
      still: async () => sealedBytes,
      difference: async (id) => (id === 'e1' ? sealedBytes : undefined),
      segment: async (id) => (id === 's1' ? bodyOf(recordingBytes) : undefined),
      segmentIndex: async (id) => (id === 's1' ? segmentIndex : undefined),
      remove: async (ids) => ask(`remove ${ids.join(',')}`, ids.length),
      setStarred: async (id, starred) => ask(`star ${id} ${starred}`, true),
    },
    settings: {
      view: () => ({ box: { publicUrl: '' }, updates: { address: '' } }) as never,
      schema: () => ({}) as never,
      replace: async (section, value) => ask(`replace ${section} ${JSON.stringify(value)}`, {} as never),
    },
    mail: { test: async (to) => ask(`mail ${to}`, { ok: true, message: '250 ok' }) },
    status: {
      status: async () => ({}) as never,
      health: () => ({ status: 'ok', version: '1.2.3', uptimeS: 1, cameras: { live: 1, total: 1 } }),
      logs: () => [{ atMs: 0, level: 'info', area: 'a', message: 'hello' }],
    },
    changes: {
      listen(listener) {
        box.changeListeners.add(listener as never);
        return () => box.changeListeners.delete(listener as never);
      },
    },
    pictures: {
      snapshot: async () => Uint8Array.of(0xff, 0xd8, 0xff, 0xd9),
      async *mjpeg() {
        yield Uint8Array.of(0xff, 0xd8, 1, 0xff, 0xd9);
        yield Uint8Array.of(0xff, 0xd8, 2, 0xff, 0xd9);
      },
    },
    live: {
      join(viewer) {
        box.viewers.push(viewer);
        return {
          watch: (cameras) => box.watched.push([...cameras]),
          drained: () => box.asked.push('drained'),
          leave: () => box.asked.push('leave'),
        };
      },
    },
    tuning: {
      open(cameraId, listener) {
        box.tuners.push(listener);
        return { viewer: 'v1', keepMs: 1000, leave: () => ask(`leave ${cameraId}`, undefined) };
      },
      frames: (id, fromMs, toMs) =>
        ask(`frames ${id} ${fromMs} ${toMs}`, { bytes: recordingBytes, untilMs: Math.min(toMs, 500) }),
      replay: async (id, viewer, motion) =>
        ask(`replay ${id} ${viewer} ${motion.sensitivity}`, {
          ...{ width: 16, height: 16, draft: [], saved: [], steps: [], tookMs: 1 },
        }),
    },
    system: {
      view: () => ({ version: '1.2.3', appliance: true, slot: 'factory', restarts: [], update: idleUpdate }),
      appliance: {
        update: {
          async receive({ bytes, chunks, allowOlder }) {
            let got = 0;
            for await (const chunk of chunks) got += chunk.length;
            return ask(`receive ${got} of ${bytes}${allowOlder ? ', older too' : ''}`, {
              ...{ ...idleUpdate, state: { kind: 'restarting', version: '1.3.0' } },
            });
          },
          check: async () => ask('check', idleUpdate),
          install: async () => ask('install', idleUpdate),
        },
        askForReset: () => ask('ask for reset', undefined),
        restart: async () => ask('restart', undefined),
        powerOff: async () => ask('power off', undefined),
      },
    },
    network: {
      view: () => namedBox,
      updateName: async () => ask('update name', namedBox),
      renewCertificate: () => ask('renew certificate', namedBox),
      useOwnCertificate: async ({ certificate, key }) => ask(`use ${certificate} with ${key}`, namedBox),
      dropOwnCertificate: async () => ask('drop own certificate', namedBox),
    },
  };
  // `setup` is there on the appliance only.
  if (replace.setup) Object.assign(ports, { setup: {} });
  for (const [name, port] of Object.entries(replace)) Object.assign(ports[name as 'access'], port);
  const box: FakeBox = {
    ports,
    asked: [],
    sessions: new Map(),
    viewers: [],
    watched: [],
    tuners: [],
    changeListeners: new Set(),
    claimed: true,
    codeNeeded: true,
    throttled: false,
  };
  return box;
}

export const openSession = (box: FakeBox, role: Role = 'owner', recovering = false): string => {
  const cookie = `cookie-${box.sessions.size + 1}`;
  const { createdAtMs: _notShown, ...person } = personOf(role);
  box.sessions.set(cookie, { id: `s-${cookie}`, person, ...(recovering ? { recovering: true } : {}) });
  return cookie;
};
