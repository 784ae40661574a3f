import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { onTestFinished } from 'vitest';
import { makeCertificate } from './certificate.ts';
import { freePort } from './free-port.ts';

const binary = '/usr/sbin/dovecot';
const present = spawnSync(binary, ['--version']).status === 0 && process.getuid?.() === 0;

/** Why there is no Dovecot for tests on this machine; null when there is one. On CI its absence is a failure. */
export const noDovecot = present ? null : 'needs Dovecot (apt package dovecot-imapd) and root to run it';
if (noDovecot !== null && process.env['CI'] === 'true') throw new Error(noDovecot);
if (noDovecot !== null) console.warn(`skipped: ${noDovecot}`);

export const password = 'correct horse';
/** Account of the mail store; the one Debian has for nobody. */
const owner = 65_534;

const settings = (dir: string, ports: { plain: number; tls: number }, without: readonly string[]) => `
protocols = imap
listen = 127.0.0.1
base_dir = ${dir}/run
state_dir = ${dir}/run
instance_name = ${dir}
log_path = ${dir}/dovecot.log
default_internal_user = dovecot
default_login_user = dovenull
ssl = yes
ssl_cert = <${dir}/cert.pem
ssl_key = <${dir}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
mail_location = maildir:${dir}/mail/%u
mail_uid = ${owner}
mail_gid = ${owner}
first_valid_uid = ${owner}
mailbox_idle_check_interval = 1 secs
${without.length === 0 ? '' : `imap_capability = IMAP4rev1 SASL-IR LITERAL+ ${['UIDPLUS', 'MOVE', 'ESEARCH', 'IDLE'].filter((each) => !without.includes(each)).join(' ')}`}
mail_max_userip_connections = 50
auth_failure_delay = 0
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${dir}/oauth2.conf
}
passdb {
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u ${dir}/users
}
userdb {
  driver = static
  args = uid=${owner} gid=${owner} home=${dir}/mail/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${ports.plain}
  }
  inet_listener imaps {
    port = ${ports.tls}
  }
}
service anvil {
  chroot =
}
service imap {
  process_limit = 50
}
`;

/**
 * A Dovecot of one test: users of any name with one password, mail in a temporary directory, on free ports of loopback.
 * `without` names capabilities that it is not to have: without IDLE it never says of itself that mail came in. `tokenInfo` is
 * the URL, less the token, where it asks whose an access token is. It is gone after the test.
 */
export async function startDovecot({
  without = [],
  tokenInfo = 'http://127.0.0.1:1/',
}: {
  without?: readonly ('IDLE' | 'MOVE')[];
  tokenInfo?: string;
} = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'deskledger-dovecot-'));
  await chmod(dir, 0o755);
  for (const name of ['mail', 'run']) await mkdir(join(dir, name));
  await chown(join(dir, 'mail'), owner, owner);
  const ports = { plain: await freePort(), tls: await freePort() };
  makeCertificate(dir);
  const users = ['support', 'billing'].map((name) => `${name}:{PLAIN}${password}::::::\n`).join('');
  await writeFile(join(dir, 'users'), users);
  await writeFile(join(dir, 'oauth2.conf'), `tokeninfo_url = ${tokenInfo}\nusername_attribute = user\n`);
  await writeFile(join(dir, 'dovecot.conf'), settings(dir, ports, without));

  let server: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    for (let tries = 0; tries < 100; tries += 1) {
      // Children of one that was killed hold its port a moment longer, and then it gives up.
      if (server === null || server.exitCode !== null || server.signalCode !== null)
        server = spawn(binary, ['-F', '-c', join(dir, 'dovecot.conf')], { stdio: 'ignore' });
      if (await greets(ports.plain)) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`Dovecot does not start: ${await readFile(join(dir, 'dovecot.log'), 'utf8')}`);
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  onTestFinished(async () => {
    await stop();
    await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  await start();

  /** One short session of a person at the mailbox. */
  const session = async <T>(user: string, work: (client: ImapFlow) => Promise<T>): Promise<T> => {
    const auth = { user, pass: password };
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: ports.plain,
      secure: false,
      doSTARTTLS: false,
      auth,
      logger: false,
    });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.logout();
    }
  };

  return {
    dir,
    ports,
    start,
    stop,
    session,
    certificate: join(dir, 'cert.pem'),
    /** Where the mail of a user lies. */
    maildir: (user: string) => join(dir, 'mail', user),
    /** While it is stopped: forgets numbers and keywords of a user's mails, so that it starts a new UIDVALIDITY. */
    async forgetNumbers(user = 'support'): Promise<void> {
      const maildir = join(dir, 'mail', user);
      for (const name of await readdir(maildir)) if (name.startsWith('dovecot')) await rm(join(maildir, name));
      const cur = join(maildir, 'cur');
      for (const name of await readdir(cur)) await rename(join(cur, name), join(cur, name.replace(/:2,.*$/, ':2,')));
    },
    /** Puts a mail into a user's INBOX. */
    deliver: (raw: Buffer, user = 'support') => session(user, (client) => client.append('INBOX', raw)),
    /** Flags of all mails of a folder, oldest first. */
    flags: (folder = 'INBOX', user = 'support') =>
      session(user, async (client) => {
        await client.mailboxOpen(folder, { readOnly: true });
        if (client.mailbox && client.mailbox.exists === 0) return [];
        const mails = await client.fetchAll('1:*', { flags: true, uid: true });
        return mails.map(({ flags }) => [...(flags ?? [])].filter((flag) => flag !== '\\Recent'));
      }),
  };
}

export type Dovecot = Awaited<ReturnType<typeof startDovecot>>;

async function greets(port: number): Promise<boolean> {
  const client = new ImapFlow({
    ...{ host: '127.0.0.1', port, secure: false, doSTARTTLS: false, logger: false },
    auth: { user: 'support', pass: password },
  });
  client.on('error', () => undefined); // It rejects as well.
  try {
    await client.connect();
    await client.logout();
    return true;
  } catch {
    return false;
  }
}
