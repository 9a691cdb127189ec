// How an update of the name ended, whoever keeps it. Sentences are for the owner; neither token nor address of the provider is in them.

export interface Trouble {
  readonly message: string;
  readonly advice: string;
}

export interface NameSet {
  readonly kind: 'ok';
  /** Whether the name led elsewhere before. Undefined where the provider does not say. */
  readonly changed?: boolean;
  /** What the name leads to now, as far as the provider says so. */
  readonly ipv4?: string;
  readonly ipv6?: string;
}
/** The provider said no: it does not become right by being asked again. */
export type Refused = { readonly kind: 'refused' } & Trouble;
/** No answer, or none by the provider itself: worth another try. */
export type Unreachable = { readonly kind: 'unreachable' } & Trouble;

export type UpdateResult = NameSet | Refused | Unreachable;
