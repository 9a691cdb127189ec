// What people do with passphrases and keys, as the vault in the page and the box do it together: the vault makes or changes the
// keyring, the box judges and keeps it. Pages are above this; keys never leave `vault/`.

import type {
  Keyring,
  LoginParameters,
  NewPersonBody,
  PersonView,
  RecoverChallenge,
  ResetPersonBody,
  Role,
  SecondFactorOffer,
  SectionName,
  SessionView,
  SettingsView,
  StreamTokenView,
  VaultView,
} from '../src/http/api.ts';
import { ApiError, api } from './api.ts';
import { toast } from './parts/toast.tsx';
import { forgetSheet, rememberUncheckedSheet } from './recovery-reminder.ts';
import { type NewVault, type RecoverySheet, vault } from './vault/client.ts';

/** What the sign-in secret of a typed passphrase was worth: in, or asked for the code of the second factor. */
export type SignInStep = { readonly kind: 'in' } | { readonly kind: 'code'; readonly signIn: string };

const person = (id: string) => `/people/${encodeURIComponent(id)}`;

/** `code` is left out where the box asks for none. */
export async function claimBox(code: string | undefined, name: string, made: NewVault): Promise<void> {
  const { keyring, signIn } = made;
  await api.post<SessionView>('/claim', { ...(code === undefined ? {} : { code }), name, keyring, signIn });
  rememberUncheckedSheet(keyring.recovery.publicKey);
}

/** Stretches the passphrase in the page, 1–2 s on a phone, and signs in with what comes out. */
export async function signIn(name: string, passphrase: string): Promise<SignInStep> {
  const parameters = await api.post<LoginParameters>('/login/parameters', { name });
  const secret = await vault.stretch(passphrase, parameters);
  try {
    await signInWith(name, secret);
    return { kind: 'in' };
  } catch (error) {
    if (error instanceof ApiError && error.kind === 'second-factor') return { kind: 'code', signIn: secret };
    throw error;
  }
}

export async function signInWith(name: string, secret: string, code?: string): Promise<void> {
  const view = await api.post<SessionView>('/login', { name, signIn: secret, ...(code ? { code } : {}) });
  if (!view.person) return;
  try {
    await vault.open((await readVault()).keyring, view.person.id);
  } catch (error) {
    // One is signed in all the same, and sees live pictures; recordings ask for the passphrase again.
    toast.error(error);
  }
}

/** For somebody whose session outlived the page: nothing is sent to the box. */
export async function unlock(personId: string, passphrase: string): Promise<void> {
  const { keyring } = await readVault();
  await vault.stretch(passphrase, parametersOf(keyring, personId));
  await vault.open(keyring, personId);
}

/** `recovery`: the words or the code's text. Signs in its owner, with the vault open and a new passphrase. */
export async function recover(recovery: string, name: string, passphrase: string): Promise<void> {
  const { id, challenge } = await api.post<RecoverChallenge>('/recover');
  const answer = await vault.answerChallenge(recovery, challenge);
  const view = await api.post<SessionView>('/recover/answer', { id, answer, ...(name ? { name } : {}) });
  if (!view.person) throw new ApiError('internal', 'The box did not say who you are. Try again.');
  await vault.openWithRecovery((await readVault()).keyring);
  await resetPassphrase(view.person.id, passphrase);
}

/** Throws `wrong-passphrase` from the vault, before the box is asked. */
export async function changePassphrase(personId: string, before: string, after: string): Promise<void> {
  const { keyring } = await readVault();
  await api.put('/vault/me', await vault.changePassphrase(keyring, personId, before, after));
}

export async function turnOffSecondFactor(personId: string, passphrase: string): Promise<void> {
  const { keyring } = await readVault();
  const secret = await vault.stretch(passphrase, parametersOf(keyring, personId));
  await api.delete('/second-factor', { signIn: secret });
}

export interface Newcomer {
  readonly name: string;
  readonly role: Role;
  readonly passphrase: string;
  /** They may also open what was recorded before. */
  readonly earlier: boolean;
}
export const addPerson = ({ name, ...newcomer }: Newcomer): Promise<PersonView> =>
  changeVault(async ({ keyring, revision }) => {
    const changed = await vault.addPerson(keyring, newcomer);
    return api.post<PersonView>('/people', { ...changed, revision, name, ...(await proof()) } satisfies NewPersonBody);
  });

export const removePerson = (id: string): Promise<void> =>
  changeVault(async ({ keyring, revision }) => {
    await api.delete(person(id), { keyring: await vault.removePerson(keyring, id), revision, ...(await proof()) });
  });

export const resetPassphrase = (id: string, passphrase: string): Promise<void> =>
  changeVault(async (now) => {
    // Before the reset: that changes one's own proof.
    const proven = await proof();
    const { keyring, signIn } = await vault.resetPerson(now.keyring, id, passphrase);
    const body: ResetPersonBody = { keyring, signIn, revision: now.revision, ...proven };
    await api.post(`${person(id)}/reset`, body);
  });

/** From here on the sheet before is worth nothing. */
export const replaceSheet = (): Promise<RecoverySheet> =>
  changeVault(async (now) => {
    const { keyring, recovery } = await vault.replaceRecovery(now.keyring);
    const kept = await api.put<VaultView>('/vault', { keyring, revision: now.revision, ...(await proof()) });
    forgetSheet();
    rememberUncheckedSheet(kept.keyring.recovery.publicKey);
    return recovery;
  });

/** Where pictures are mailed to, and where links and the box’s name lead, changes only with it; the other sections do not need it. */
export const saveSection = async (section: SectionName, value: object, proven: boolean): Promise<SettingsView> =>
  api.put<SettingsView>(`/settings/${section}`, { ...value, ...(proven ? await proof() : {}) });

export const offerSecondFactor = async (): Promise<SecondFactorOffer> =>
  api.post<SecondFactorOffer>('/second-factor', await proof());

export const makeStreamToken = async (name: string, cameraId: string | null): Promise<StreamTokenView> =>
  api.post<StreamTokenView>('/stream-tokens', { name, cameraId, ...(await proof()) });

/** That the passphrase was typed, as all bodies carry it that ask for it. */
export const proof = async () => {
  const given = await vault.proof();
  return given === undefined ? {} : { proof: given };
};

const readVault = () => api.get<VaultView>('/vault');

function parametersOf(keyring: Keyring, personId: string): LoginParameters {
  const found = keyring.people.find((one) => one.id === personId);
  if (!found) throw new ApiError('missing', 'The box does not know you any more. Sign out, and sign in again.');
  const { n, r, p, salt } = found.wrapped;
  return { n, r, p, salt, personId };
}

/** Once more when somebody else changed the keyring in between. */
async function changeVault<T>(change: (now: VaultView) => Promise<T>): Promise<T> {
  try {
    return await change(await readVault());
  } catch (error) {
    if (!(error instanceof ApiError && error.kind === 'conflict')) throw error;
    return await change(await readVault());
  }
}
