// The mistakes in nightjar.toml, each with its place: on the claim page and under System.

import type { PresetProblem } from '../../src/http/api.ts';
import { sentence } from '../api.ts';

export function PresetProblems({ problems }: { readonly problems: readonly PresetProblem[] }) {
  return (
    <ul class="preset-problems">
      {problems.map(({ line, column, path, message }) => (
        <li key={`${line}:${column} ${path} ${message}`}>
          <span class="preset-place">
            Line {line}, column {column}
            {path ? `, ${path}` : ''}
          </span>
          <span>{sentence(message)}</span>
        </li>
      ))}
    </ul>
  );
}
