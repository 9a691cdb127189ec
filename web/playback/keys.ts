// What a key does while a recording is on the page. Pure; the player acts.

export type PlayerAction =
  | { readonly kind: 'toggle' }
  | { readonly kind: 'seek-by'; readonly seconds: number }
  | { readonly kind: 'seek-to'; readonly share: number }
  | { readonly kind: 'step'; readonly frames: 1 | -1 }
  | { readonly kind: 'motion'; readonly direction: 1 | -1 }
  | { readonly kind: 'speed'; readonly direction: 1 | -1 }
  | { readonly kind: 'fullscreen' };

export const speeds = [0.5, 1, 2, 4, 8] as const;

/** The next speed up or down; stays at the ends. */
export function nextSpeed(now: number, direction: 1 | -1): number {
  const index = speeds.findIndex((speed) => speed >= now);
  return speeds[Math.min(speeds.length - 1, Math.max(0, (index < 0 ? speeds.length - 1 : index) + direction))] ?? 1;
}

export function actionOfKey(key: string, shift: boolean): PlayerAction | undefined {
  switch (key) {
    case ' ':
    case 'k':
      return { kind: 'toggle' };
    case 'ArrowLeft':
    case 'ArrowRight': {
      const seconds = shift ? 30 : 5;
      return { kind: 'seek-by', seconds: key === 'ArrowLeft' ? -seconds : seconds };
    }
    case 'Home':
      return { kind: 'seek-to', share: 0 };
    case 'End':
      return { kind: 'seek-to', share: 1 };
    case ',':
      return { kind: 'step', frames: -1 };
    case '.':
      return { kind: 'step', frames: 1 };
    case 'n':
      return { kind: 'motion', direction: 1 };
    case 'p':
      return { kind: 'motion', direction: -1 };
    case '+':
      return { kind: 'speed', direction: 1 };
    case '-':
      return { kind: 'speed', direction: -1 };
    case 'f':
      return { kind: 'fullscreen' };
    default:
      return /^[0-9]$/.test(key) ? { kind: 'seek-to', share: Number(key) / 10 } : undefined;
  }
}
