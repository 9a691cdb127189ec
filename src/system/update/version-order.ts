// Which of two versions is the older one, as semver 2.0.0 (section 11) orders them. What follows a `+` says which commit it was
// and orders nothing. A version that is none, such as `dev`, is older than all.

const pattern = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/;
const MAX_LENGTH = 64;

export const isVersion = (text: string): boolean => text.length <= MAX_LENGTH && pattern.test(text);

/** Below 0 when `a` is older than `b`, above when it is newer. */
export function compareVersions(a: string, b: string): number {
  const left = partsOf(a);
  const right = partsOf(b);
  if (!left || !right) return (left ? 1 : 0) - (right ? 1 : 0);
  for (const [i, number] of left.numbers.entries()) {
    if (number !== right.numbers[i]) return number - right.numbers[i]!;
  }
  return compareLabels(left.labels, right.labels);
}

export const isOlder = (a: string, b: string): boolean => compareVersions(a, b) < 0;

function partsOf(
  text: string,
): { readonly numbers: readonly number[]; readonly labels: readonly string[] } | undefined {
  const found = isVersion(text) ? pattern.exec(text) : null;
  return found ? { numbers: found.slice(1, 4).map(Number), labels: found[4]?.split('.') ?? [] } : undefined;
}

/** A pre-release is older than its release; numbers are older than words; of equal beginnings the shorter is older. */
function compareLabels(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return (a.length === 0 ? 1 : 0) - (b.length === 0 ? 1 : 0);
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left, right] = [a[i]!, b[i]!];
    if (left === right) continue;
    const [isNumber, isOtherNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (isNumber && isOtherNumber) return Number(left) - Number(right);
    if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
