// What came of nightjar.toml: what was taken from it, and each mistake with the place where it stands.

import type { PresetView } from '../../src/http/api.ts';
import { sentence } from '../api.ts';
import { Notice } from '../parts/button.tsx';
import { count } from '../words.ts';
import { placeWords } from './system-words.ts';

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

export function PresetProblems({ problems }: { readonly problems: PresetView['problems'] }) {
  return (
    <ul class="preset-problems">
      {problems.map((problem) => (
        <li key={`${problem.line}:${problem.column} ${problem.path} ${problem.message}`}>
          <span class="preset-place">{placeWords(problem)}</span>
          <span>{sentence(problem.message)}</span>
        </li>
      ))}
    </ul>
  );
}
