// What came of nightjar.toml: what was taken from it, and each mistake with the place where it stands.

import type { PresetView } from '../../src/http/api.ts';
import { Notice } from '../parts/button.tsx';
import { PresetProblems } from '../parts/preset-problems.tsx';
import { count } from '../words.ts';

export function PresetCard({ preset }: { readonly preset: PresetView }) {
  return (
    <section class="card" aria-labelledby="preset-title">
      <h2 id="preset-title">Your file nightjar.toml</h2>
      <p>{preset.taken.length === 0 ? 'Nothing was taken from it.' : `Taken from it: ${preset.taken.join(', ')}.`}</p>
      {preset.problems.length === 0 ? null : (
        <>
          <Notice
            level="warn"
            message={`${count(preset.problems.length, 'line')} of it could not be used.`}
            advice="Set it on the settings page instead, or correct the file on the card and start the box again."
          />
          <PresetProblems problems={preset.problems} />
        </>
      )}
    </section>
  );
}
