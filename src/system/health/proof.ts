// What each of capture, disk and web answers when it is asked whether it still works. `because` is a clause for the owner: it
// goes into sentences such as "Nightjar stood still, because …".

export type Proof = { readonly ok: true } | { readonly ok: false; readonly because: string };

export const proven: Proof = { ok: true };
export const unproven = (because: string): Proof => ({ ok: false, because });

export type Sign = 'capture' | 'disk' | 'web';
export const signNames = ['capture', 'disk', 'web'] as const satisfies readonly Sign[];
export type Proofs = Readonly<Record<Sign, Proof>>;

/** The clauses of what is not proven, in one; undefined when all is well. */
export function whatIsWrong(proofs: Proofs): string | undefined {
  const clauses = signNames.flatMap((name) => {
    const proof = proofs[name];
    return proof.ok ? [] : [proof.because];
  });
  return clauses.length === 0 ? undefined : clauses.join(' and ');
}
