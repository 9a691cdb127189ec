// Fills in the stream's address from the make of a camera and where it is.

import { useId, useState } from 'preact/hooks';
import { Button } from '../parts/button.tsx';
import { brands, brandUrls } from './brands.ts';

export function BrandHelp({ onChoose }: { readonly onChoose: (urls: { url: string; detectUrl: string }) => void }) {
  const [name, setName] = useState('');
  const [host, setHost] = useState('');
  const id = useId();
  const brand = brands.find((b) => b.name === name);
  const urls = brand && brandUrls(brand, host);
  return (
    <div class="make">
      <div class="field">
        <label for={`${id}-make`}>Make</label>
        <select id={`${id}-make`} value={name} onChange={(event) => setName(event.currentTarget.value)}>
          <option value="">Another, or I know the address</option>
          {brands.map((b) => (
            <option key={b.name} value={b.name}>
              {b.name}
            </option>
          ))}
        </select>
      </div>
      {brand ? (
        <div class="field">
          <label for={`${id}-host`}>Address of the camera in your network</label>
          <div class="field-row">
            <input
              id={`${id}-host`}
              type="text"
              inputMode="url"
              placeholder="192.168.1.20"
              autoComplete="off"
              autoCapitalize="off"
              spellcheck={false}
              value={host}
              onInput={(event) => setHost(event.currentTarget.value)}
            />
            <Button disabled={!urls} onClick={() => urls && onChoose(urls)}>
              Fill in
            </Button>
          </div>
          <p class="field-help">{brand.note ?? 'Fills in the addresses below.'}</p>
        </div>
      ) : null}
    </div>
  );
}
