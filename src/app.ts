// The composition root: builds the parts, hands each what it asks for, and starts and stops them in order. Read from top to
// bottom it is the story of a boot.

import { uptime } from 'node:os';
import { openAccess } from './access/access.ts';
import { openAlerts } from './alerts/alerts.ts';
import { memoryKey, systemPlace } from './alerts/memory-key.ts';
import { appliancePort, CLAIM_WITHOUT_CODE_MS, openApplianceUpdates } from './app/appliance.ts';
import { CameraUnit } from './app/camera-unit.ts';
import { Cameras } from './app/cameras.ts';
import { ChangeBoard } from './app/changes.ts';
import { createComparison } from './app/comparison.ts';
import { withDemoCamera } from './app/demo.ts';
import { keepFree, mayGo, tellOfDisk } from './app/disk.ts';
import { lookAfterBox } from './app/looking-after.ts';
import { ourNames, pageAddresses, publicAddress } from './app/names.ts';
import { type NetworkServers, openNetwork } from './app/network.ts';
import { OneAtATime } from './app/one-at-a-time.ts';
import { keepScreen } from './app/screen.ts';
import { settingsPort } from './app/settings.ts';
import { spaceFacts } from './app/space-facts.ts';
import { createStatus } from './app/status.ts';
import { StopList } from './app/stop-list.ts';
import { Tuning } from './app/tuning.ts';
import { unitOutputs } from './app/unit-outputs.ts';
import type { Clock } from './base/clock.ts';
import type { LogBook } from './base/log.ts';
import type { Places } from './base/places.ts';
import { openCamera } from './camera/camera.ts';
import { findDevices } from './camera/devices.ts';
import { picturesOfMoment } from './camera/moment.ts';
import { smallPicturesOf } from './camera/small-pictures.ts';
import { jpegOfPackets } from './camera/still.ts';
import { testSource } from './camera/test.ts';
import type { Environment } from './config/environment.ts';
import { SettingsStore } from './config/store.ts';
import { createHttpApp } from './http/app.ts';
import { loadAssets } from './http/embedded-assets.ts';
import { createLiveSocket } from './http/live-socket.ts';
import { ownLinux } from './http/own-linux.ts';
import type { Ports } from './http/ports.ts';
import { startServer } from './http/server.ts';
import { readBoot } from './library/boot.ts';
import { openLibrary } from './library/library.ts';
import { lockDataFolder } from './library/lock.ts';
import { watchSynchronised } from './library/synchronised.ts';
import { createLive } from './live/live.ts';
import { createPictures } from './live/pictures.ts';
import { createPlayback } from './playback/playback.ts';
import { createSweeper } from './retention/sweeper.ts';
import { watchSpace } from './retention/warning-watch.ts';
import { applyPreset } from './setup/preset/apply.ts';
import { readOutcome } from './setup/preset/outcome.ts';
import { joinPresetWifi } from './setup/preset/preset-wifi.ts';
import { countedFiles } from './store/counted-files.ts';
import { systemFileLayer } from './store/file-layer.ts';
import { openBallast } from './system/ballast.ts';
import { watchCard } from './system/card-watch.ts';
import { diskSpace, diskSpaceNow } from './system/machine.ts';
import { version } from './version.ts';

export interface BoxOptions {
  readonly dataDir: string;
  readonly env: Environment;
  /** Add a demo camera when there is no camera. */
  readonly demo: boolean;
  readonly http?: { readonly host: string; readonly port: number };
  readonly https?: { readonly host: string; readonly port: number };
  /** On the appliance: where things are there. */
  readonly appliance?: Places;
  /** Others than the real ones on the internet: for tests. */
  readonly servers?: NetworkServers;
  /** The program should end properly, and will be started again. */
  readonly onRestart: (because: string) => void;
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

/** Starts a box. Throws `conflict` when the folder or a port is in use; whatever was started before that is stopped again. */
export async function startBox(options: BoxOptions): Promise<Box> {
  const { dataDir, clock, logs, appliance: places } = options;
  const log = logs.log('box');
  const stop = new StopList(log);
  try {
    // 1. Whose box it is: nobody else may use the folder; settings; people and keys.
    const lock = lockDataFolder(dataDir);
    stop.add('lock', async () => lock.release());
    const ballast = openBallast({ dataDir, clock, log: logs.log('storage') });
    stop.add('ballast', () => ballast.close());
    const store = new SettingsStore({ dataDir, env: options.env, log: logs.log('settings') });
    if (options.demo) withDemoCamera(store);
    const access = openAccess({
      dataDir,
      clock,
      log: logs.log('access'),
      boxName: () => store.current.box.name,
      ...(places ? { claimWithoutCodeForMs: CLAIM_WITHOUT_CODE_MS - uptime() * 1000 } : {}),
      onGuessing: () =>
        alerts.notice(
          'sign-in',
          'Somebody is guessing passphrases on your box. They are slowed down; you are not locked out.',
        ),
    });
    stop.add('access', async () => access.close());
    if (places) {
      const preset = { folder: places.preset, log: logs.log('preset') };
      applyPreset({ ...preset, store, isOwned: access.isClaimed() });
      const wifi = joinPresetWifi({ ...preset, clock });
      stop.add('Wi-Fi', () => wifi.close());
    }

    // 2. What is kept, sealed to its owner: recordings as the last stop left them.
    const cameraName = (id: string) => store.current.cameras.find((c) => c.id === id)?.name ?? id;
    const synchronised = watchSynchronised({ clock });
    stop.add('time', async () => synchronised.close());
    const boot = readBoot(clock, { synchronised, maySleep: true });
    const updates = places
      ? await openApplianceUpdates({ places, store, boot, clock, logs, endProgram: options.onRestart })
      : undefined;
    const health = lookAfterBox({
      env: options.env,
      ...(places ? { places } : {}),
      boot,
      ...(updates?.onTrial ? { trial: { proven: () => updates.confirm() } } : {}),
      clock,
      log: logs.log('health'),
    });
    stop.add('health', async () => health.close());
    if (updates) stop.add('updates', () => updates.close());
    const counted = countedFiles(systemFileLayer);
    const library = await openLibrary({
      dataFolder: dataDir,
      boot,
      files: counted.files,
      sealing: access.sealing(),
      clock,
      log: logs.log('library'),
      cameraName,
    });
    stop.add('library', () => library.close());
    const disk = () => diskSpace(dataDir);
    const card = watchCard({ dataDir, boot, ownBytes: counted.writtenBytes, clock, log: logs.log('storage') });
    stop.add('card', () => card.close());
    const sweeper = createSweeper({
      library,
      freeBytes: async () => (await disk()).freeBytes + ballast.bytes(),
      removableBytes: () => mayGo(library.totals().bytes, diskSpaceNow(dataDir)),
      settings: () => ({
        maxAgeDays: store.current.storage.maxAgeDays,
        keepFreeMB: keepFree(store, diskSpaceNow(dataDir)) / 1e6,
        camera: (id) => store.current.cameras.find((c) => c.id === id)?.keep,
      }),
      clock,
      log: logs.log('storage'),
    });
    stop.add('sweeper', () => sweeper.close());
    void ballast.hold();

    // 3. Who is told.
    const changes = new ChangeBoard(clock);
    const decoding = new OneAtATime();
    const compare = createComparison();
    library.listen((name, data) => changes.tell(name, data as never));
    let addresses: Box['addresses'] = {};
    let trustedAddress = (): string | undefined => undefined;
    const linkBase = () => publicAddress(store.current.box, trustedAddress(), addresses);
    const alerts = openAlerts({
      dataDir,
      pictureKey: memoryKey(dataDir, systemPlace(process.env)),
      clock,
      log: logs.log('mail'),
      settings: () => ({
        mail: store.current.mail,
        boxName: store.current.box.name,
        timeZone: store.current.box.timeZone,
        publicUrl: linkBase(),
        camera(id) {
          const camera = store.current.cameras.find((c) => c.id === id);
          return camera && { name: camera.name, ...camera.alerts };
        },
      }),
      linkTo: (recordingId) => `${linkBase()}/recordings/${recordingId}`,
      pictureOf: async (cameraId, atMs) => cameras.unit(cameraId)?.pictureOf(atMs),
      proofOf: async (cameraId, eventId, atMs) =>
        (await cameras.unit(cameraId)?.proofOf(eventId, atMs)) ?? { confirmed: true },
      kept: {
        waiting: () => library.eventsAwaitingMail(),
        event: (id) => library.event(id),
        mailState: (id) => library.event(id)?.mail,
      },
      onMailState: (eventId, state) => library.setEventMail(eventId, state),
    });
    stop.add('alerts', () => alerts.close());
    store.listen(() => alerts.apply());

    // 4. The cameras, each with watcher and recorder; what they see goes to the library, the mails and the pages.
    const live = createLive({ feeds: (id) => cameras.feed(id), clock, log: logs.log('live') });
    const tuning = new Tuning({ unit: (id) => cameras.unit(id), smallPicturesOf, clock, log: logs.log('tuning') });
    const cameras: Cameras = new Cameras({
      store,
      clock,
      log: logs.log('cameras'),
      testSource,
      findDevices,
      onUnits: (id) => {
        live.feedChanged(id);
        tuning.unitChanged(id);
        changes.camerasChanged(() => cameras.list());
      },
      openUnit: (settings) =>
        new CameraUnit({
          settings,
          clock,
          log: logs.log(`camera/${settings.id}`),
          openCamera: (s, rest) => openCamera({ settings: s, rest, clock, log: logs.log(`camera/${s.id}`) }),
          sink: library.sink,
          jpegOf: (stream, packets, atMs) =>
            decoding.run(() => jpegOfPackets(stream, packets, { atMs, maxWidth: 1280 })),
          picturesOf: (stream, packets, moment) =>
            decoding.run(() => picturesOfMoment(stream, packets, { ...moment, maxWidth: 1280 })),
          compare,
          timeZone: () => store.current.box.timeZone,
          isOwned: () => access.isClaimed(),
          outputs: unitOutputs(settings, {
            // Cameras that are known from before are opened while `cameras` is being made.
            cameras: { list: () => cameras.list() },
            ...{ changes, live, library, alerts, cameraName },
          }),
        }),
    });
    stop.add('cameras', () => cameras.close());
    stop.add('live', async () => live.close());
    stop.add('tuning', async () => tuning.close());
    sweeper.onFull((full, because) => tellOfDisk(alerts, full, because));
    const space = watchSpace({
      dataDir,
      clock,
      log: logs.log('storage'),
      settings: () => store.current.storage,
      tell: (text) => alerts.notice('disk-space', text),
      facts: () => spaceFacts({ dataDir, library, store, clock }),
    });
    stop.add('space', () => space.close());

    // 5. The page.
    const pictures = createPictures({
      feeds: (id) => cameras.feed(id),
      live,
      jpegOf: (stream, packets, { signal }) => jpegOfPackets(stream, packets, { signal }),
      clock,
      log: logs.log('pictures'),
    });
    stop.add('pictures', () => pictures.close());
    const boxCertificate = options.https
      ? await (await import('./http/certificate.ts')).ensureBoxCertificate({ folder: dataDir, clock })
      : undefined;
    const network = openNetwork({
      ...{ dataDir, store, boxCertificate, clock, logs },
      ...(options.servers ? { servers: options.servers } : {}),
      isTimeKnown: () => boot.wallSynchronised() !== false,
      tell: (what, message) => alerts.notice(what, message),
    });
    stop.add('network', () => network.close());
    trustedAddress = network.address;
    const ports: Ports = {
      boxName: () => store.current.box.name,
      version,
      access,
      cameras,
      recordings: createPlayback({ library, timeZone: () => store.current.box.timeZone }),
      settings: settingsPort(store),
      mail: alerts,
      changes,
      pictures,
      live,
      tuning,
      network,
      system: places && updates ? appliancePort(places, updates, health) : ownLinux(version),
      ...(places ? { setup: { preset: () => readOutcome(places.preset) } } : {}),
      status: createStatus({
        version,
        store,
        cameras,
        logs,
        clock,
        disk,
        keepFreeBytes: () => keepFree(store, diskSpaceNow(dataDir)),
        card: () => card.life(),
        keeping: () => {
          const { bytes, oldestMs } = library.totals();
          return {
            bytes,
            bytesLastDay: library.bytesSince(clock.wallMs() - 86_400_000),
            ...(oldestMs === null ? {} : { oldestMs }),
            full: sweeper.isFull(),
          };
        },
        outbox: () => alerts.status(),
        addresses: () => pageAddresses(addresses),
        tlsFingerprint: () => boxCertificate?.fingerprint,
      }),
    };
    const ours = ourNames(store, network.hostNames);
    const certificate = network.certificate();
    const socket = createLiveSocket({ ports, ours, clock, log: logs.log('live') });
    stop.add('live socket', async () => socket.close());
    const server = await startServer({
      app: createHttpApp(ports, { assets: loadAssets(), clock, log: logs.log('http'), ours }),
      ...(options.http ? { plain: options.http } : {}),
      ...(options.https && certificate ? { tls: { ...options.https, certificate, otherwise: boxCertificate! } } : {}),
      onUpgrade: socket.upgrade,
    });
    stop.add('server', () => server.close());
    network.begin({
      ...(server.addresses.https ? { httpsPort: server.addresses.https.port } : {}),
      swapCertificate: (next) => server.swapCertificate(next),
    });
    addresses = {
      ...(server.addresses.http ? { http: { host: options.http!.host, port: server.addresses.http.port } } : {}),
      ...(server.addresses.https ? { https: { host: options.https!.host, port: server.addresses.https.port } } : {}),
    };
    if (places) {
      const boxName = () => store.current.box.name;
      const claimCode = () => access.claimCode();
      const screen = keepScreen({ path: places.screen, boxName, claimCode, clock, log: logs.log('screen') });
      stop.add('screen', async () => screen.close());
    }
    health.watch({ cameras, folder: dataDir, writtenBytes: counted.writtenBytes, ...addresses });
    // Of all that is stopped the first: from then on nobody expects signs of life.
    stop.add('health', async () => health.close());
    log.info('started', { cameras: cameras.list().length, version });
    return {
      name: store.current.box.name,
      addresses,
      claimCode: access.claimCode(),
      tlsFingerprint: boxCertificate?.fingerprint,
      close: () => stop.all(),
    };
  } catch (error) {
    await stop.all();
    throw error;
  }
}
