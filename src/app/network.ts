// The box's name on the internet and its certificate: joins settings, time, mails and the page with what the network room keeps. On
// the appliance and on somebody's own Linux alike.

import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import type { LogBook } from '../base/log.ts';
import type { SettingsStore } from '../config/store.ts';
import type { NetworkPort } from '../http/ports-network.ts';
import { type Certificates, openCertificates, type TlsCertificate } from '../network/certificates/keeper.ts';
import type { TxtVisible } from '../network/certificates/lookup.ts';
import { fitsName } from '../network/certificates/pem.ts';
import { duckDns, duckDnsHost } from '../network/names/duckdns.ts';
import { openNameKeeper } from '../network/names/keeper.ts';

export interface NetworkParts {
  readonly dataDir: string;
  readonly store: SettingsStore;
  /** The box's own certificate; undefined where it answers on no encrypted port. */
  readonly boxCertificate: TlsCertificate | undefined;
  readonly isTimeKnown: () => boolean;
  /** For a mail to the owner. */
  readonly tell: (what: 'name' | 'certificate', message: string) => void;
  /** Others than the real ones: for tests. */
  readonly servers?: NetworkServers;
  readonly clock: Clock;
  readonly logs: LogBook;
}

export interface NetworkServers {
  readonly duckDns?: string;
  readonly authority?: string;
  /** PEM. */
  readonly authorityCa?: string;
  readonly txtVisible?: TxtVisible;
}

export interface Network extends NetworkPort {
  /** Names of this box on the internet. */
  hostNames(): readonly string[];
  /** What the encrypted port is to show when it opens. */
  certificate(): TlsCertificate | undefined;
  /** https://name[:port] when browsers trust what is shown there. */
  address(): string | undefined;
  /** The encrypted port listens: from now on name and certificate are looked after. */
  begin(listening: {
    readonly httpsPort?: number;
    readonly swapCertificate: (certificate: TlsCertificate) => void;
  }): void;
  close(): Promise<void>;
}

/** Never throws. */
export function openNetwork(parts: NetworkParts): Network {
  const { store, boxCertificate, clock, logs, servers = {} } = parts;
  const remote = () => store.current.remote;
  const provider = duckDns({ clock, ...(servers.duckDns ? { baseUrl: servers.duckDns } : {}) });
  let swap: ((certificate: TlsCertificate) => void) | undefined;
  let httpsPort: number | undefined;
  let given: TlsCertificate | undefined;
  const name = openNameKeeper({
    settings: remote,
    duckDns: provider,
    onTrouble: (message) => parts.tell('name', message),
    clock,
    log: logs.log('name'),
  });
  const certificates =
    boxCertificate &&
    openCertificates({
      folder: join(parts.dataDir, 'certificates'),
      boxCertificate: () => boxCertificate,
      wanted() {
        const { provider, certificate, domain, token, email } = remote();
        if (provider !== 'duckdns' || !certificate || domain === '' || token === '') return undefined;
        return { domain, token, hostName: duckDnsHost(domain), email };
      },
      isTimeKnown: parts.isTimeKnown,
      txt: provider,
      ...(servers.authority ? { directoryUrl: servers.authority } : {}),
      ...(servers.authorityCa ? { trustedCa: servers.authorityCa } : {}),
      ...(servers.txtVisible ? { txtVisible: servers.txtVisible } : {}),
      onCertificate: (certificate) => swap?.(certificate),
      onTrouble: (message) => parts.tell('certificate', message),
      clock,
      log: logs.log('certificate'),
    });
  const stopListening = store.listen(({ before, after }) => {
    if (Bun.deepEquals(before.remote, after.remote)) return;
    name.apply();
    certificates?.apply();
  });
  /** Names that browsers trust this box by. None with the box's own certificate. */
  const trustedNames = () => {
    const shown = certificates?.shown();
    return shown && shown.kind !== 'box' ? shown.names : [];
  };
  const address = () => {
    const names = trustedNames();
    const hostName = name.hostName() ?? names.find((n) => !n.startsWith('*'));
    if (httpsPort === undefined || hostName === undefined || !fitsName({ names }, hostName)) return undefined;
    return `https://${hostName}${httpsPort === 443 ? '' : `:${httpsPort}`}`;
  };
  const kept = (): Certificates => {
    if (!certificates)
      throw new NightjarError('conflict', 'this box answers on no encrypted port, so it shows no certificate');
    return certificates;
  };
  const view = () => {
    const at = address();
    return {
      name: name.view(),
      ...(certificates ? { certificate: certificates.view() } : {}),
      ...(at === undefined ? {} : { address: at }),
    };
  };
  return {
    view,
    async updateName(signal) {
      await name.updateNow(signal);
      return view();
    },
    renewCertificate() {
      kept().renewNow();
      return view();
    },
    async useOwnCertificate(pem) {
      kept().useOwn(pem);
      return view();
    },
    async dropOwnCertificate() {
      kept().dropOwn();
      return view();
    },
    hostNames() {
      const hostName = name.hostName();
      return hostName === undefined ? trustedNames() : [hostName, ...trustedNames()];
    },
    certificate() {
      given = certificates?.current();
      return given;
    },
    address,
    begin(listening) {
      httpsPort = listening.httpsPort;
      swap = listening.swapCertificate;
      // One that came while the port was being opened.
      if (certificates && certificates.current() !== given) swap(certificates.current());
    },
    async close() {
      stopListening();
      await Promise.all([name.close(), certificates?.close()]);
    },
  };
}
