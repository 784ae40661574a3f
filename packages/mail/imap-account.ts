import { readFile } from 'node:fs/promises';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { OneOf, Slug, Strict } from '#contracts/primitives.ts';
import { ConfigError } from '#packages/kernel/config.ts';

const File = Type.String({ minLength: 1, description: 'path of a file that holds the secret and nothing else' });
/** Secrets cross no network in the clear; a token endpoint on this machine is for tests and sidecars. */
const TokenUrl = Type.String({ pattern: '^(https://|http://(127\\.0\\.0\\.1|localhost)[:/])' });

const Login = Type.Union([
  Strict({ password: Type.String({ minLength: 1 }) }),
  Strict({ passwordFile: File }),
  Strict({ accessTokenFile: File }),
  Strict({
    tokenUrl: TokenUrl,
    clientId: Type.String({ minLength: 1 }),
    clientSecretFile: File,
    scope: Type.Optional(Type.String({ minLength: 1 })),
  }),
]);
export type ImapLogin = Static<typeof Login>;

/** One folder of one mail account, and the mailbox of the desk that its mail is for. */
const ImapAccount = Strict({
  mailboxId: Slug,
  host: Type.String({ minLength: 1 }),
  port: Type.Integer({ minimum: 1, maximum: 65_535, default: 993 }),
  security: OneOf(['tls', 'starttls', 'none'], { default: 'tls' }),
  caFile: Type.Optional(
    Type.String({ description: 'PEM of the authority that signed the server, if not a public one' }),
  ),
  user: Type.String({ minLength: 1 }),
  login: Login,
  folder: Type.String({ minLength: 1, default: 'INBOX' }),
  afterwards: Type.Union([OneOf(['flag']), Strict({ moveTo: Type.String({ minLength: 1 }) })], { default: 'flag' }),
  since: Type.Optional(Type.String({ format: 'date', description: 'mail that arrived before stays untouched' })),
});
export type ImapAccount = Readonly<Static<typeof ImapAccount>>;

const ImapAccounts = Type.Array(ImapAccount, { minItems: 1, maxItems: 100 });

/** How an account is called in the log, in states and as `remote` of its mails: RFC 5092 without any secret. */
export const accountName = ({ folder, host, user }: Pick<ImapAccount, 'folder' | 'host' | 'user'>): string =>
  `imap://${encodeURIComponent(user)}@${host}/${encodeURIComponent(folder)}`;

/**
 * Reads the file that IMAP_ACCOUNTS names. What is wrong is told by its place in the file, never by its value, which
 * may be a secret. Throws ConfigError.
 */
export async function readImapAccounts(path: string): Promise<ImapAccount[]> {
  const accounts: unknown = Value.Default(ImapAccounts, await parsed(path));
  if (!Value.Check(ImapAccounts, accounts)) {
    const [error] = Value.Errors(ImapAccounts, accounts);
    throw new ConfigError(`IMAP_ACCOUNTS: ${path}${error?.instancePath ?? ''} ${error?.message ?? 'is not valid'}`);
  }
  const names = accounts.map(accountName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new ConfigError(`IMAP_ACCOUNTS: ${path} names ${twice} twice`);
  // Each move would give it a new number there, and so make it a mail to move.
  const circle = accounts.find((it) => it.afterwards !== 'flag' && isSameFolder(it.afterwards.moveTo, it.folder));
  if (circle) throw new ConfigError(`IMAP_ACCOUNTS: ${path} moves mail of ${accountName(circle)} to where it is`);
  return accounts;
}

/** INBOX is that in any case (RFC 9051 5.1), and a file system may not tell other names apart either. */
const isSameFolder = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The option `imap` of email-ingest as the environment has it. Throws ConfigError. */
export const imapOptions = async ({ IMAP_ACCOUNTS: path }: { readonly IMAP_ACCOUNTS?: string }) =>
  path === undefined ? {} : { imap: { accounts: await readImapAccounts(path) } };

async function parsed(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`IMAP_ACCOUNTS: cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text around the fault, which may be a password.
    throw new ConfigError(`IMAP_ACCOUNTS: ${path} is not valid JSON`);
  }
}
