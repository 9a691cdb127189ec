// `nightjar run`: reads its options, starts the box, says where it is, and stops it properly on TERM or Ctrl-C.

import { pageAddresses } from '../app/names.ts';
import { startBox } from '../app.ts';
import { systemClock } from '../base/clock.ts';
import { privateFolder } from '../base/durable.ts';
import { describeError, NightjarError } from '../base/errors.ts';
import { jsonLine, LogBook, type LogLevel, plainLine } from '../base/log.ts';
import { places } from '../base/places.ts';
import { type Command, readHostPort, readOptions } from './command.ts';

const usage = `usage: nightjar run [options]

Watches the cameras, records, and serves the page.
  --data DIR         where settings and recordings are kept (default: data; NIGHTJAR_DATA)
  --http HOST:PORT   plain HTTP, for this machine only unless you say otherwise (default: 127.0.0.1:8080; NIGHTJAR_HTTP)
  --https HOST:PORT  encrypted, for the network (default: 0.0.0.0:8443; NIGHTJAR_HTTPS); "off" for either
  --appliance        this is the appliance: updates, restart and reset are offered on the page
  --demo             add a demo camera if there is no camera yet
  --log LEVEL        debug, info, warn or error (default: info; NIGHTJAR_LOG)
  --log-json         one JSON object per line, for log collectors`;

/** A second Ctrl-C, or this long after the first, ends it at once. */
const STOP_WITHIN_MS = 15_000;

export const run: Command = async (argv, io) => {
  const { values, positionals } = readOptions(argv, {
    data: { type: 'string' },
    http: { type: 'string' },
    https: { type: 'string' },
    demo: { type: 'boolean' },
    appliance: { type: 'boolean' },
    log: { type: 'string' },
    'log-json': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) {
    io.out(usage);
    return 0;
  }
  if (positionals.length > 0)
    throw new NightjarError('invalid', `what is ${JSON.stringify(positionals[0])}? See nightjar run --help`);
  const address = (name: 'http' | 'https', fallback: string) => {
    const text = String(values[name] ?? io.env[`NIGHTJAR_${name.toUpperCase()}`] ?? fallback);
    return text === 'off' ? undefined : readHostPort(text, `--${name}`);
  };
  const http = address('http', '127.0.0.1:8080');
  const https = address('https', '0.0.0.0:8443');
  if (!http && !https) throw new NightjarError('invalid', 'with both --http and --https off there is no page');
  const level = String(values.log ?? io.env.NIGHTJAR_LOG ?? 'info');
  if (!['debug', 'info', 'warn', 'error'].includes(level)) {
    throw new NightjarError('invalid', `--log must be debug, info, warn or error, not ${JSON.stringify(level)}`);
  }
  const logs = new LogBook({
    clock: systemClock,
    level: level as LogLevel,
    write: (line) => io.err(values['log-json'] ? jsonLine(line) : plainLine(line)),
  });
  const log = logs.log('box');
  process.on('unhandledRejection', (error) =>
    log.error(`something failed without being handled: ${describeError(error)}`),
  );

  // Whatever is made from here on, by us or by a library, is the owner's alone, also in a folder that others may enter.
  process.umask(0o077);
  const dataDir = privateFolder(String(values.data ?? io.env.NIGHTJAR_DATA ?? 'data'));
  const end = Promise.withResolvers<string>();
  const box = await startBox({
    dataDir,
    env: io.env,
    demo: values.demo === true,
    ...(http ? { http } : {}),
    ...(https ? { https } : {}),
    ...(values.appliance === true ? { appliance: places } : {}),
    onRestart: end.resolve,
    clock: systemClock,
    logs,
  });
  io.out(welcome(box));

  process.once('SIGTERM', () => end.resolve('it was told to'));
  process.once('SIGINT', () => end.resolve('of Ctrl-C'));
  const reason = await end.promise;
  log.info(`stopping, because ${reason}; finishing what is being recorded`);
  const impatient = () => {
    log.warn('stopped at once; the running recording is completed at the next start');
    process.exit(1);
  };
  process.once('SIGINT', impatient);
  setTimeout(impatient, STOP_WITHIN_MS).unref();
  await box.close();
  log.info('stopped');
  return 0;
};

function welcome(box: Awaited<ReturnType<typeof startBox>>): string {
  const lines = ['', `  ${box.name} is running.`, ''];
  const here = box.addresses.http;
  const everywhere = here?.host === '0.0.0.0' || here?.host === '::';
  if (here)
    lines.push(
      `  On this machine   http://${everywhere ? 'localhost' : here.host.includes(':') ? `[${here.host}]` : here.host}:${here.port}`,
    );
  const encrypted = pageAddresses(box.addresses).filter((url) => url.startsWith('https:'));
  for (const [i, url] of encrypted.entries())
    lines.push(`  ${i === 0 ? 'Encrypted        ' : '                 '} ${url}`);
  if (box.tlsFingerprint) {
    lines.push(
      '',
      '  The certificate is this box’s own, so the browser warns once. Its fingerprint (SHA-256) is',
      `  ${box.tlsFingerprint}`,
    );
  }
  if (box.claimCode)
    lines.push('', `  Claim code        ${box.claimCode}`, '  Type it on the page to make this box yours.');
  return `${lines.join('\n')}\n`;
}
