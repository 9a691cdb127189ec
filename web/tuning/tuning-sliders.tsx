// The settings that are tried most, as sliders with words.

import { useId } from 'preact/hooks';
import type { MotionSettings } from '../../src/http/api.ts';
import { type Issue, sentence } from '../api.ts';
import { issueFor } from '../forms/draft.ts';
import { curvedScale, logScale, plainScale, type Scale } from './slider-scale.ts';

type Name = 'sensitivity' | 'smallestAreaPercent' | 'largestAreaPercent' | 'smallestDurationMs' | 'mergeGapS';

interface Slider {
  readonly name: Name;
  readonly label: string;
  readonly scale: Scale;
  readonly ends: readonly [string, string];
  readonly words: (value: number) => string;
  readonly isSize?: boolean;
}

const seconds = (s: number) => `${s < 10 ? Number(s.toFixed(1)) : Math.round(s)} s`;

const sliders: readonly Slider[] = [
  {
    ...{ name: 'sensitivity', label: 'Sensitivity', scale: plainScale(1, 100) },
    ends: ['Only strong contrast', 'Everything'],
    words: String,
  },
  {
    ...{ name: 'smallestAreaPercent', label: 'Smallest thing', scale: logScale(0.01, 20), isSize: true },
    ends: ['A bird', 'A car close by'],
    words: (v) => `${v} %`,
  },
  {
    ...{ name: 'largestAreaPercent', label: 'Largest thing', scale: logScale(1, 100), isSize: true },
    ends: ['Small', 'Any size'],
    words: (v) => (v >= 100 ? 'any' : `${v} %`),
  },
  {
    ...{ name: 'smallestDurationMs', label: 'Must last', scale: curvedScale(10_000) },
    ends: ['At once', '10 s'],
    words: (v) => seconds(v / 1000),
  },
  {
    ...{ name: 'mergeGapS', label: 'A visit is over after', scale: curvedScale(120) },
    ends: ['At once', '2 min'],
    words: seconds,
  },
];

export function TuningSliders({
  draft,
  issues,
  onChange,
  onSize,
}: {
  readonly draft: MotionSettings;
  readonly issues: readonly Issue[];
  readonly onChange: (draft: MotionSettings) => void;
  /** A size is being chosen: show it in the picture. Undefined: no longer. */
  readonly onSize: (percent: number | undefined) => void;
}) {
  return (
    <>
      {sliders.map((slider) => (
        <TuningSlider
          key={slider.name}
          slider={slider}
          value={draft[slider.name]}
          issue={issueFor(issues, slider.name, 'motion')}
          onChange={(value) => onChange({ ...draft, [slider.name]: value })}
          onSize={onSize}
        />
      ))}
    </>
  );
}

function TuningSlider({
  slider: { name, label, scale, ends, words, isSize = false },
  value,
  issue,
  onChange,
  onSize,
}: {
  readonly slider: Slider;
  readonly value: number;
  readonly issue: string | undefined;
  readonly onChange: (value: number) => void;
  readonly onSize: (percent: number | undefined) => void;
}) {
  const id = useId();
  const done = () => isSize && onSize(undefined);
  return (
    <div class="field tune-slider">
      <label for={id}>{label}</label>
      <output for={id} class="numbers">
        {words(value)}
      </output>
      <input
        id={id}
        name={name}
        type="range"
        min={0}
        max={scale.steps}
        value={scale.positionOf(value)}
        aria-valuetext={words(value)}
        aria-invalid={issue !== undefined}
        aria-describedby={`${id}-ends`}
        onInput={(event) => {
          const next = scale.valueAt(event.currentTarget.valueAsNumber);
          onChange(next);
          if (isSize) onSize(next);
        }}
        onPointerUp={done}
        onBlur={done}
      />
      <span class="slider-ends" id={`${id}-ends`}>
        <span>{ends[0]}</span>
        <span>{ends[1]}</span>
      </span>
      {issue ? <p class="field-error">{sentence(issue)}</p> : null}
    </div>
  );
}
