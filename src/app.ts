// The composition root: builds the parts, hands each what it asks for, and starts and stops them in order. Read from top to
// bottom it is the story of a boot.

import { openAccess } from './access/access.ts';
import { openAlerts } from './alerts/alerts.ts';
import { CameraUnit } from './app/camera-unit.ts';
import { Cameras } from './app/cameras.ts';
import { ChangeBoard } from './app/changes.ts';
import { withDemoCamera } from './app/demo.ts';
import { OneAtATime } from './app/one-at-a-time.ts';
import { settingsPort } from './app/settings.ts';
import { createStatus } from './app/status.ts';
import type { Clock } from './base/clock.ts';
import { describeError } from './base/errors.ts';
import type { LogBook } from './base/log.ts';
import { openCamera } from './camera/camera.ts';
import { findDevices } from './camera/devices.ts';
import { jpegOfPackets } from './camera/still.ts';
import { testSource } from './camera/test.ts';
import type { Environment } from './config/environment.ts';
import { SettingsStore } from './config/store.ts';
import { createHttpApp } from './http/app.ts';
import { boxCertificate } from './http/certificate.ts';
import { loadAssets } from './http/embedded-assets.ts';
import type { Ports } from './http/ports.ts';
import { startServer } from './http/server.ts';
import { openLibrary } from './library/library.ts';
import { lockDataFolder } from './library/lock.ts';
import { createLive } from './live/live.ts';
import { createPictures } from './live/pictures.ts';
import { createPlayback } from './playback/playback.ts';
import { createSweeper } from './retention/sweeper.ts';
import { bootId, diskSpace, lanAddresses } from './system/machine.ts';
import { version } from './version.ts';

export interface BoxOptions {
  readonly dataDir: string;
  readonly env: Environment;
  /** Add a demo camera when there is no camera. */
  readonly demo: boolean;
  readonly http?: { readonly host: string; readonly port: number };
  readonly https?: { readonly host: string; readonly port: number };
  readonly clock: Clock;
  readonly logs: LogBook;
}

export interface Box {
  readonly name: string;
  readonly addresses: {
    readonly http?: { readonly host: string; readonly port: number };
    readonly https?: { readonly host: string; readonly port: number };
  };
  readonly claimCode: string | undefined;
  readonly tlsFingerprint: string | undefined;
  close(): Promise<void>;
}
