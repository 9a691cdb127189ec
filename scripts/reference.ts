// Writes the generated pages of docs/reference/.
import { writeFileSync } from 'node:fs';
import { settingsReference } from '../src/config/reference.ts';
import { presetReference } from '../src/setup/preset/reference.ts';

writeFileSync(new URL('../docs/reference/settings.md', import.meta.url), settingsReference());
writeFileSync(new URL('../docs/reference/preset.md', import.meta.url), presetReference());
