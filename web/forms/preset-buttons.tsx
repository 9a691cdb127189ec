// Three kinds of place to begin with. A button fills in the draft; nothing holds before it is saved.

import type { MotionSettings } from '../../src/http/api.ts';
import { type MotionPreset, motionPresets, presetOf } from '../../src/motion/presets.ts';

export function PresetButtons({
  value,
  onChoose,
}: {
  readonly value: MotionSettings;
  readonly onChoose: (params: MotionPreset['params']) => void;
}) {
  const chosen = presetOf(value);
  return (
    <fieldset class="field">
      <legend>Begin with settings for</legend>
      <div class="presets">
        {Object.entries(motionPresets).map(([key, { name, line, params }]) => (
          <button key={key} type="button" class="preset" aria-pressed={key === chosen} onClick={() => onChoose(params)}>
            <b>{name}</b>
            <span>{line}</span>
          </button>
        ))}
      </div>
    </fieldset>
  );
}
