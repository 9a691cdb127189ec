// What nightjar.toml may say: the parts of the settings, cameras, and what only the network needs. What settings mean and which
// values they take is `config/`'s; here is only what they do not know.

import { cameraSettings, keepSettings, recordSettings } from '../../config/camera.ts';
import { type SectionName, sections } from '../../config/settings.ts';
import { z } from '../../config/zod.ts';
import { isCountry, isSshPublicKey, isWifiPassword } from './network-values.ts';
import type { TomlPath } from './toml-entries.ts';

const encoder = new TextEncoder();

const wifiPassword = () =>
  z
    .string()
    .refine(isWifiPassword, 'must be 8 to 63 letters, digits and signs, or 64 hexadecimal digits')
    .meta({ secret: true });

export const countrySetting = z
  .string()
  .refine(isCountry, 'must be the two capital letters of a country, such as DE')
  .describe('Where the box stands: two capital letters such as DE. Says which Wi-Fi channels are allowed.');

export const networkParts = {
  wifi: z.strictObject({
    ssid: z
      .string()
      .min(1)
      .refine((name) => encoder.encode(name).length <= 32, 'must have at most 32 bytes')
      .refine((name) => !/\p{Cc}/u.test(name), 'must be one line of letters, digits and signs')
      .describe('Name of your Wi-Fi.'),
    password: wifiPassword().optional().describe('Its password. Without: an open Wi-Fi.'),
    hidden: z.boolean().default(false).describe('The Wi-Fi does not show its name.'),
  }),
  hotspot: z.strictObject({
    password: wifiPassword().describe(
      'Password of the Wi-Fi that the box itself opens for setting it up. Without: none.',
    ),
  }),
  ssh: z.strictObject({
    keys: z
      .array(
        z
          .string()
          .max(4000)
          .refine(isSshPublicKey, 'must be a public key: one line such as ssh-ed25519 AAAA… you@home'),
      )
      .max(10)
      .describe(
        'Public keys that may sign in by SSH, as root. Without this section it stays as it was, at first nobody; [] takes all keys away.',
      ),
  }),
} as const;

export type NetworkPartName = keyof typeof networkParts;
export type WifiPreset = z.infer<typeof networkParts.wifi>;

/** What belongs to the network: root's own parts for `system-parts.ts`, the rest for `network.json`. */
export interface NetworkPreset {
  readonly country?: string;
  readonly wifi?: WifiPreset;
  readonly hotspot?: z.infer<typeof networkParts.hotspot>;
  readonly ssh?: z.infer<typeof networkParts.ssh>;
}

/** For every camera of the file that does not say otherwise. */
export const cameraDefaults = { record: recordSettings, keep: keepSettings } as const;
export type CameraDefaultName = keyof typeof cameraDefaults;

/** A camera as the file may describe it: the id is made from the name where none is given. */
export const presetCamera = cameraSettings;

export const isSectionName = (name: string): name is SectionName => Object.hasOwn(sections, name);
export const isNetworkPart = (name: string): name is NetworkPartName => Object.hasOwn(networkParts, name);
export const isCameraDefault = (name: string): name is CameraDefaultName => Object.hasOwn(cameraDefaults, name);

export interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly secret?: boolean;
}

let wholeFile: SchemaNode | undefined;

/** The file as JSON Schema, for the reference and for telling what is known. */
export function presetSchema(): SchemaNode {
  if (wholeFile) return wholeFile;
  const { box, ...others } = sections;
  const whole = z.strictObject({
    box: box.extend({ country: countrySetting.optional() }),
    ...networkParts,
    ...others,
    ...cameraDefaults,
    cameras: z.array(presetCamera),
  });
  wholeFile = z.toJSONSchema(whole, { io: 'input', unrepresentable: 'any' }) as SchemaNode;
  return wholeFile;
}

/** Whether this is a known setting that is no secret. What is not known may be a mistyped password. */
export function isPublic(path: TomlPath): boolean {
  let nodes: readonly SchemaNode[] = [presetSchema()];
  for (const key of path) {
    nodes = nodes
      .flatMap((node) => [node, ...(node.anyOf ?? []), ...(node.oneOf ?? [])])
      .flatMap((node) => (typeof key === 'number' ? node.items : own(node.properties, key)) ?? []);
  }
  return nodes.length > 0 && !nodes.some((node) => node.secret === true);
}

const own = (properties: SchemaNode['properties'], key: string) =>
  properties && Object.hasOwn(properties, key) ? properties[key] : undefined;

let publicNames: ReadonlySet<string> | undefined;

/** Whether some setting has this name, and none of this name is a secret. */
export function isPublicName(name: string): boolean {
  publicNames ??= namesIn(presetSchema(), false).difference(namesIn(presetSchema(), true));
  return publicNames.has(name);
}

function namesIn(node: SchemaNode, secret: boolean): Set<string> {
  const names = new Set<string>();
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    if ((child.secret === true) === secret) names.add(name);
    for (const inner of namesIn(child, secret)) names.add(inner);
  }
  for (const inner of [...(node.items ? [node.items] : []), ...(node.anyOf ?? []), ...(node.oneOf ?? [])])
    for (const name of namesIn(inner, secret)) names.add(name);
  return names;
}
