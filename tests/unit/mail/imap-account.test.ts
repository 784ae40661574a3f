import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { accountName, readImapAccounts } from '#packages/mail/imap-account.ts';

async function read(content: unknown) {
  const dir = await mkdtemp(join(tmpdir(), 'deskledger-imap-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, 'accounts.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readImapAccounts(path);
}

const minimal = { mailboxId: 'support', host: 'imap.x.example', user: 'a@x.example', login: { password: 'hunter2' } };

it('fills in what is usual', async () => {
  const [account] = await read([minimal]);
  expect(account).toEqual({ ...minimal, port: 993, security: 'tls', folder: 'INBOX', afterwards: 'flag' });
  expect(accountName(account!)).toBe('imap://a%40x.example@imap.x.example/INBOX');
});

it.each([
  ['no JSON', '[{"password": "hunter2"', /is not valid JSON$/],
  ['no account', [], /accounts.json must not have fewer than 1 items/],
  ['a wrong port', [{ ...minimal, port: 70_000 }], /accounts.json\/0\/port/],
  ['a misspelt field', [{ ...minimal, pasword: 'hunter2' }], /accounts.json\/0\/pasword /],
  [
    'two ways to log in',
    [{ ...minimal, login: { password: 'hunter2', passwordFile: 'x' } }],
    /accounts.json\/0\/login/,
  ],
  [
    'a secret over plain HTTP',
    [{ ...minimal, login: { tokenUrl: 'http://x.example/', clientId: 'a', clientSecretFile: 'b' } }],
    /\/0\/login/,
  ],
  [
    'one folder twice',
    [minimal, { ...minimal, mailboxId: 'billing' }],
    /names imap:\/\/a%40x.example@imap.x.example\/INBOX twice/,
  ],
  ['a move to itself', [{ ...minimal, afterwards: { moveTo: 'inbox' } }], /to where it is$/],
])('refuses %s, naming the place and no secret', async (_, content, message) => {
  const error: unknown = await read(content).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'ConfigError', message: expect.stringMatching(message) });
  expect(String(error)).not.toContain('hunter2');
});

it('says which file cannot be read', async () => {
  await expect(readImapAccounts('/nowhere/accounts.json')).rejects.toThrow(
    /cannot read \/nowhere\/accounts.json: ENOENT/,
  );
});
