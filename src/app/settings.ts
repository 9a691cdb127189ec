// The settings page's view of the settings: without secrets, with what the environment decides.

import { settingsSchemas } from '../config/reference.ts';
import { withoutSecrets } from '../config/secrets.ts';
import type { SettingsStore } from '../config/store.ts';
import type { SettingsPort } from '../http/ports.ts';

export function settingsPort(store: SettingsStore): SettingsPort {
  const view = () => {
    const { box, mail, storage, updates, remote } = store.current;
    const { value, secretsSet } = withoutSecrets({ box, mail, storage, updates, remote });
    return { ...value, secretsSet, fromEnvironment: store.fromEnvironment };
  };
  let schemas: ReturnType<SettingsPort['schema']> | undefined;
  return {
    view,
    schema() {
      schemas ??= settingsSchemas() as ReturnType<SettingsPort['schema']>;
      return schemas;
    },
    async replace(section, value) {
      store.replaceSection(section, value);
      return view();
    },
  };
}
