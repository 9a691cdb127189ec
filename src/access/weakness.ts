// What makes a passphrase acceptable. Asked by the page, where it is typed: the box never sees one. Rules ask for length only:
// required digits and signs make people choose worse ones.

export const PASSPHRASE_MIN = 10;
export const PASSPHRASE_MAX = 200;

/** Among the most used ones of ten letters or more, and what one types on being asked for a long one. Compared without case, spaces and signs. */
const obvious = new Set(
  [
    '1234567890 0123456789 0987654321 9876543210 12345678910 123456789a 1234567891 1029384756 qwertyuiop asdfghjkl1',
    '1q2w3e4r5t q1w2e3r4t5 1qaz2wsx3edc zaq12wsxcde3 qwerty1234 qwerty12345 qwerty123456 qwertzuiop azertyuiop',
    'password12 password123 password1234 passwordpassword passphrase passphrase1 mypassphrase mypassword mypassword1',
    'letmeinplease letmein123 iloveyou12 iloveyou123 iloveyou1234 administrator admin12345 adminadmin changemeplease',
    'changeme123 welcome123 welcome1234 superman123 football123 baseball123 princess123 sunshine123 trustno1trustno1',
    'correcthorsebatterystaple abcdefghij abcdefghijk abcdefghijkl abcd123456 abc1234567 nightjar123 nightjarnightjar',
    'securitycamera surveillance mysecretpassphrase topsecret123 raspberrypi raspberry123 unbelievable opensesame1',
  ].flatMap((line) => line.split(' ')),
);

/** Why a passphrase is refused, for its owner; undefined when it is fine. */
export function weakness(passphrase: string, names: readonly string[]): string | undefined {
  const length = [...passphrase].length;
  if (length < PASSPHRASE_MIN)
    return `Use at least ${PASSPHRASE_MIN} characters. Three or four words that nobody would guess are good.`;
  if (length > PASSPHRASE_MAX) return `Use at most ${PASSPHRASE_MAX} characters.`;
  const bare = plain(passphrase);
  if (new Set(bare).size < 4)
    return 'This repeats a few characters only. Three or four words that nobody would guess are good.';
  if (obvious.has(bare))
    return 'This is one of the passphrases that are tried first. Choose something only you would think of.';
  if (names.some((name) => plain(name) !== '' && bare.replaceAll(plain(name), '').length < 4)) {
    return 'This is little more than a name. Choose something that is not on the page.';
  }
  return undefined;
}

const plain = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
