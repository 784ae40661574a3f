import { type Role, roles } from '#contracts/primitives.ts';
import { type CommandSpec, exitCode, UsageError } from '../cli.ts';
import { withPlatform } from '../offline.ts';
import { makeToken } from '../tokens.ts';

/** Longest wait for a running desk to know the new token. */
const knownWithinMs = 5_000;

export const token: CommandSpec = {
  usage: 'token <role>',
  summary: 'make an API token of a role and print it, and nothing else, on stdout',
  about: `Roles: ${roles.join(', ')}. The token belongs to the person of --email, who is registered when new.\nIt works at once when the desk runs; it is shown this one time only.`,
  options: {
    email: { type: 'string', description: 'whose token it is; by default <role>@MAIL_DOMAIN' },
    label: { type: 'string', description: 'what it is for' },
  },
  logLevel: 'warn',
  async run(invocation) {
    const { config, options, positionals, stdout } = invocation;
    const [role, ...rest] = positionals;
    if (!isRole(role) || rest.length > 0) throw new UsageError(`token needs one role: ${roles.join(', ')}`);
    const email = String(options['email'] ?? `${role}@${config.MAIL_DOMAIN}`).toLowerCase();
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw new UsageError(`--email ${email} is not a mail address`);
    return withPlatform(invocation, async (platform, { database, log }) => {
      const made = await makeToken(platform, { role, email, label: String(options['label'] ?? 'desk token') });
      if (database.kind !== 'own' && !(await platform.watch.waitFor(made.position, knownWithinMs, ['api-tokens'])))
        log.warn('no running desk has taken notice of the token yet');
      stdout.write(`${made.token}\n`);
      return exitCode.done;
    });
  },
};

const isRole = (text: string | undefined): text is Role => roles.some((role) => role === text);
