// What the network room tells of itself, for the page: the box's name on the internet, and the certificate it shows. Types only.

/** How the last attempt ended. Sentences are for the owner. */
export type Outcome =
  | { readonly kind: 'ok'; readonly atMs: number; readonly message: string }
  | { readonly kind: 'failed'; readonly atMs: number; readonly message: string; readonly advice: string };

export interface NameView {
  /** Undefined while no provider is set: then nothing else is there. */
  readonly hostName?: string;
  /** What the name was last set to, or is to be. */
  readonly addresses: readonly string[];
  /** Undefined before the first attempt since the start. */
  readonly last?: Outcome;
  /** When it is tried next. */
  readonly nextMs?: number;
  /** An attempt is on its way. */
  readonly busy: boolean;
}

export interface CertificateView {
  /** `box`: made by the box itself, unknown to browsers. `automatic`: from the certificate authority. `own`: put in by the owner. */
  readonly kind: 'box' | 'automatic' | 'own';
  /** Names and addresses it is for. */
  readonly names: readonly string[];
  /** SHA-256, as browsers show it: `AB:CD:…`. */
  readonly fingerprint: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Who signed it, in its own words. */
  readonly issuer: string;
  /** Of getting or renewing one automatically; undefined where none is wanted, or before the first attempt. */
  readonly last?: Outcome;
  readonly nextMs?: number;
  /** What is being done now, as a sentence: `Waiting until the name server answers.` */
  readonly doing?: string;
}
