// Which certificate the box shows, and that there is a good one: the owner's own, else the automatic one for its name, else the one that
// the box made itself. Orders and renews the automatic one by itself, one order at a time, and tells when that goes wrong for too long.

import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { describeError, NightjarError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { CertificateView } from '../view.ts';
import { type TxtVisible, txtLookup } from './lookup.ts';
import { type Ordered, orderCertificate, type TxtRecord, type Wanted } from './order.ts';
import { fitsName, judgePair, readFacts, type TlsCertificate } from './pem.ts';
import { nextOrderMs, warnFromMs } from './schedule.ts';
import { certificateStorage, type Kept, type OrderRecord } from './storage.ts';

export type { TxtRecord, Wanted } from './order.ts';
export type { TlsCertificate } from './pem.ts';

export interface CertificatesOptions {
  /** Made when something is kept; only the box may enter it. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The one that the box made itself. */
  readonly boxCertificate: () => TlsCertificate;
  /** Undefined: no automatic certificate. */
  readonly wanted: () => Wanted | undefined;
  /** Whether the wall clock is right. While it is not, nothing is ordered, and nothing has run out. See `apply`. */
  readonly isTimeKnown: () => boolean;
  readonly txt: TxtRecord;
  readonly txtVisible?: TxtVisible;
  /** Of the certificate authority. Default: Let’s Encrypt. */
  readonly directoryUrl?: string;
  /** PEM: trusted for the directory instead of the system's authorities. For tests. */
  readonly trustedCa?: string;
  /** Pause between two looks at what the authority is working on. For tests. */
  readonly lookMs?: number;
  /** For tests. */
  readonly order?: typeof orderCertificate;
  readonly random?: () => number;
  /** Another one is to be shown from now on. */
  readonly onCertificate: (certificate: TlsCertificate) => void;
  /** For the owner, once for each certificate: it could not be renewed and runs out soon; it has run out. */
  readonly onTrouble: (message: string) => void;
}

export interface Certificates {
  view(): CertificateView;
  /** What is shown now. */
  current(): TlsCertificate;
  /** Whose that is, and its names: known already, for who asks with every request. */
  shown(): Pick<CertificateView, 'kind' | 'names'>;
  /** Settings, the name, or what is known of the time have changed. Nothing happens when they have not. */
  apply(): void;
  /** Begins an order; one that is on its way counts. Throws `conflict` when none is wanted, or none can be had now. */
  renewNow(): void;
  /** Shown at once, and kept. Throws `invalid` with what is wrong, or `no-space`; nothing has changed then. */
  useOwn(pem: { readonly certificate: string; readonly key: string }): void;
  dropOwn(): void;
  /** Lets go of an order that is on its way. */
  close(): Promise<void>;
}

interface Shown extends Kept {
  readonly kind: CertificateView['kind'];
}

interface Running {
  readonly of: string;
  readonly stop: AbortController;
  doing: string;
  done: Promise<void>;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LOOK_FOR_TIME_MS = 30_000;
const SOONEST_MS = 1000;
/** A token that DuckDNS refuses seldom becomes right by itself: tried once a day. */
const TOKEN_FAILURES = 6;

export function openCertificates(options: CertificatesOptions): Certificates {
  const { clock, log, random = Math.random, order = orderCertificate } = options;
  const storage = certificateStorage(options.folder, log);
  const txtVisible = options.txtVisible ?? txtLookup({ clock });
  let own = storage.own();
  let automatic = storage.automatic();
  let isUnsaved = false;
  let record = storage.record();
  let spread = random();
  let running: Running | undefined;
  let box: Shown | undefined;
  let isClosed = false;
  let cancel = () => {};

  const isOver = ({ facts }: Kept) => options.isTimeKnown() && clock.wallMs() >= facts.untilMs;
  const ownCounts = () => own !== undefined && !isOver(own);
  /** The automatic one, for the name that the box has now. */
  function fitting(): Kept | undefined {
    const hostName = options.wanted()?.hostName;
    return automatic && hostName !== undefined && fitsName(automatic.facts, hostName) ? automatic : undefined;
  }

  function choose(): Shown {
    if (own && ownCounts()) return { kind: 'own', ...own };
    const fits = fitting();
    if (fits && !isOver(fits)) return { kind: 'automatic', ...fits };
    const pair = options.boxCertificate();
    if (box?.pair.cert !== pair.cert) box = { kind: 'box', pair, facts: readFacts(pair.cert) };
    return box;
  }

  function show(): void {
    const next = choose();
    const isOther = next.facts.fingerprint !== shown.facts.fingerprint;
    shown = next;
    if (!isOther) return;
    log.info(`the certificate that is shown is ${words[next.kind]}`, { names: next.facts.names.join(' ') });
    try {
      options.onCertificate(next.pair);
    } catch (error) {
      log.error('the certificate could not be exchanged', { reason: describeError(error) });
    }
  }

  /** Of the order that would be made now. Undefined: none. */
  function due(): { readonly wanted: Wanted; readonly of: string; readonly atMs: number } | undefined {
    const wanted = options.wanted();
    if (!wanted || ownCounts()) return undefined;
    const of = nameOfOrder(wanted);
    const tries = record.of === of ? record : undefined;
    return { wanted, of, atMs: nextOrderMs(fitting()?.facts, tries, clock.wallMs(), spread) };
  }

  function look(): void {
    cancel();
    if (isClosed) return;
    show();
    if (isUnsaved && automatic) isUnsaved = !storage.keepAutomatic(automatic.pair);
    complain();
    const next = due();
    if (running && running.of !== next?.of) running.stop.abort();
    const isTimeKnown = options.isTimeKnown();
    const waitMs = (next?.atMs ?? Number.POSITIVE_INFINITY) - clock.wallMs();
    if (next && !running && isTimeKnown && waitMs <= 0) begin(next);
    const soonestMs = running || waitMs <= 0 ? HOUR_MS : Math.max(SOONEST_MS, waitMs);
    const lastsMs = shown.facts.untilMs - clock.wallMs();
    const nextLookMs = Math.min(HOUR_MS, soonestMs, lastsMs > 0 ? Math.max(SOONEST_MS, lastsMs) : HOUR_MS);
    cancel = clock.after(isTimeKnown ? nextLookMs : LOOK_FOR_TIME_MS, look);
  }

  function begin({ wanted, of }: { readonly wanted: Wanted; readonly of: string }): void {
    const task: Running = { of, stop: new AbortController(), doing: '', done: Promise.resolve() };
    const onDoing = (sentence: string) => {
      task.doing = sentence;
    };
    const { directoryUrl, trustedCa, lookMs, txt } = options;
    const parts = { clock, log, txt, txtVisible, account: storage.account, directoryUrl, trustedCa, lookMs };
    onDoing('Asking the certificate authority for a certificate.');
    running = task;
    task.done = order(parts, wanted, onDoing, task.stop.signal)
      .then((ordered) => ended(wanted, of, ordered))
      .catch((error) => {
        // Nobody wants it any more. Anything else must not end the tries for good.
        if (task.stop.signal.aborted) return;
        log.error('a certificate order ended with a fault', { reason: describeError(error) });
        ended(wanted, of, faultOfOurs);
      })
      .finally(() => {
        running = undefined;
        look();
      });
  }

  function ended({ hostName }: Wanted, of: string, ordered: Ordered): void {
    const atMs = clock.wallMs();
    spread = random();
    if (ordered.ok) {
      automatic = { pair: ordered.pair, facts: ordered.facts };
      isUnsaved = !storage.keepAutomatic(ordered.pair);
      log.info(`got a certificate for ${hostName}`, { until: new Date(ordered.facts.untilMs).toISOString() });
      note({
        of,
        failures: 0,
        lastMs: atMs,
        last: { kind: 'ok', atMs, message: `Got a certificate for ${hostName}.` },
      });
      return;
    }
    const { kind, message, advice, notBeforeMs } = ordered.failure;
    const failures = (record.of === of ? record.failures : 0) + 1;
    log.warn(`no certificate for ${hostName}`, { reason: message, tries: failures });
    note({
      of,
      failures: kind === 'token' ? Math.max(failures, TOKEN_FAILURES) : failures,
      lastMs: atMs,
      ...(notBeforeMs === undefined ? {} : { notBeforeMs }),
      last: { kind: 'failed', atMs, message, advice },
    });
  }

  function note(next: Omit<OrderRecord, 'told'>): void {
    record = { ...next, told: record.told };
    storage.keepRecord(record);
  }

  function complain(): void {
    if (!options.isTimeKnown()) return;
    const nowMs = clock.wallMs();
    const told: Record<string, 'soon' | 'over'> = {};
    const tell = (one: Kept, isHopeless: boolean, sentence: (about: 'soon' | 'over') => string) => {
      const { fingerprint } = one.facts;
      const before = record.told[fingerprint];
      const about = isOver(one) ? 'over' : isHopeless && nowMs >= warnFromMs(one.facts) ? 'soon' : undefined;
      const now = before === 'over' ? before : (about ?? before);
      if (now) told[fingerprint] = now;
      if (about && now !== before) options.onTrouble(sentence(about));
    };
    if (own) tell(own, true, (about) => ownTrouble[about](daysLeft(own!, nowMs)));
    const fits = fitting();
    if (fits && !ownCounts()) {
      const wanted = options.wanted()!;
      const failed = record.of === nameOfOrder(wanted) && record.last?.kind === 'failed' ? record.last : undefined;
      const why = failed ? ` ${failed.message} ${failed.advice}` : '';
      tell(
        fits,
        failed !== undefined,
        (about) => automaticTrouble[about](wanted.hostName, daysLeft(fits, nowMs)) + why,
      );
    }
    if (JSON.stringify(told) === JSON.stringify(record.told)) return;
    record = { ...record, told };
    storage.keepRecord(record);
  }

  let shown = choose();
  look();
  return {
    view() {
      const next = due();
      const isTimeKnown = options.isTimeKnown();
      const doing = running?.doing ?? (next && !isTimeKnown ? 'Waiting until the box knows the time.' : undefined);
      return {
        kind: shown.kind,
        ...shown.facts,
        ...(next && record.last && record.of === next.of ? { last: record.last } : {}),
        ...(next && !doing ? { nextMs: Math.max(next.atMs, clock.wallMs()) } : {}),
        ...(doing === undefined ? {} : { doing }),
      };
    },
    current: () => shown.pair,
    shown: () => ({ kind: shown.kind, names: shown.facts.names }),
    apply: look,
    renewNow() {
      const next = due();
      if (!next) {
        const why = options.wanted()
          ? 'your own certificate is in use: remove it first'
          : 'no automatic certificate is wanted: set a name at DuckDNS first';
        throw new NightjarError('conflict', why);
      }
      if (!options.isTimeKnown()) {
        throw new NightjarError('conflict', 'the box does not know the time yet: try again in a minute');
      }
      if (!running) begin(next);
    },
    useOwn(pem) {
      const judged = judgePair(pem, options.isTimeKnown() ? clock.wallMs() : undefined);
      if (!judged.ok) throw new NightjarError('invalid', judged.problem);
      storage.keepOwn(judged.pair);
      own = { pair: judged.pair, facts: judged.facts };
      look();
    },
    dropOwn() {
      storage.dropOwn();
      own = undefined;
      look();
    },
    async close() {
      isClosed = true;
      cancel();
      running?.stop.abort();
      await running?.done;
    },
  };
}

/** Two settings that make the same order have the same one. Nothing can be read from it. */
const nameOfOrder = ({ domain, token, email, hostName }: Wanted): string =>
  createHash('sha256')
    .update(JSON.stringify([domain, token, email, hostName]))
    .digest('hex')
    .slice(0, 24);

const words = {
  own: 'your own',
  automatic: 'the one of the certificate authority',
  box: 'the one that the box made itself',
} as const;

const daysLeft = ({ facts }: Kept, nowMs: number): string => {
  const days = Math.max(0, Math.floor((facts.untilMs - nowMs) / DAY_MS));
  return days === 0 ? 'in less than a day' : days === 1 ? 'in one day' : `in ${days} days`;
};

const ownTrouble = {
  soon: (when: string) => `The certificate that you put in runs out ${when}. Put in a new one, or remove it.`,
  over: () => 'The certificate that you put in has run out and is not shown any more. Put in a new one, or remove it.',
};
const automaticTrouble = {
  soon: (name: string, when: string) => `The certificate for ${name} runs out ${when} and could not be renewed.`,
  over: (name: string) =>
    `The certificate for ${name} has run out. Browsers warn before they show the page until there is a new one.`,
};

const faultOfOurs: Ordered = {
  ok: false,
  failure: {
    kind: 'fault',
    message: 'The order ended with a fault of this box.',
    advice: 'What happened is in the log. Nightjar tries again by itself.',
  },
};
