import { ConfigError } from '#packages/kernel/config.ts';

export type SmtpLogin = { readonly user: string } & (
  | { readonly password: string }
  | { readonly passwordFile: string }
  | { readonly accessTokenFile: string }
);

/** The server that takes outgoing mail, and how to reach it. */
export type SmtpAccount = {
  readonly host: string;
  readonly port: number;
  /** tls: from the first byte. starttls: or no mail. offered: STARTTLS when the server has it. none: in the clear. */
  readonly security: 'tls' | 'starttls' | 'offered' | 'none';
  readonly login: SmtpLogin | null;
  /** PEM of the authority that signed the server's certificate, if not a public one. */
  readonly caFile: string | null;
};

export type SmtpVariables = {
  readonly SMTP_URL?: string;
  readonly SMTP_PASSWORD_FILE?: string;
  readonly SMTP_TOKEN_FILE?: string;
  readonly SMTP_CA_FILE?: string;
};

const ports = { submission: 587, submissions: 465 } as const;

/**
 * The account that the variables describe; null without SMTP_URL. A login is never sent in the clear unless `tls=none` asks
 * for it: a server, or somebody before it, that offers no STARTTLS must not get the password for that.
 * Throws ConfigError, which names the variable and never its value: that may hold a password.
 */
export function smtpAccount(variables: SmtpVariables): SmtpAccount | null {
  const { SMTP_CA_FILE: caFile = null, SMTP_URL: text } = variables;
  if (text === undefined) return null;
  const url = parsed(text);
  const login = loginOf(url, variables);
  const security = securityOf(url, login !== null);
  const port = Number(url.port) || (security === 'tls' ? ports.submissions : ports.submission);
  // A host of digits and colons stands in brackets in a URL and without them everywhere else.
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, security, login, caFile };
}

function parsed(text: string): URL {
  const url = URL.parse(text);
  if (!url?.hostname) throw new ConfigError('SMTP_URL is no URL: smtp://user:password@host:port');
  const strange = [...url.searchParams.keys()].find((name) => name !== 'tls');
  if (strange !== undefined)
    throw new ConfigError(`SMTP_URL knows no option ${strange}: only tls=required or tls=none`);
  if (!['', '/'].includes(url.pathname))
    throw new ConfigError('SMTP_URL ends after the port: a / belongs into it as %2F');
  return url;
}

function securityOf({ protocol, searchParams }: URL, hasLogin: boolean): SmtpAccount['security'] {
  const tls = searchParams.get('tls');
  if (tls !== null && tls !== 'required' && tls !== 'none')
    throw new ConfigError('SMTP_URL has a tls that is neither required nor none');
  if (protocol === 'smtps:') {
    if (tls === 'none') throw new ConfigError('SMTP_URL wants TLS by smtps:// and none by tls=none');
    return 'tls';
  }
  if (tls === 'none') return 'none';
  return tls === 'required' || hasLogin ? 'starttls' : 'offered';
}

function loginOf(url: URL, { SMTP_PASSWORD_FILE, SMTP_TOKEN_FILE }: SmtpVariables): SmtpLogin | null {
  const user = decoded(url.username);
  const password = decoded(url.password);
  const given = [password || undefined, SMTP_PASSWORD_FILE, SMTP_TOKEN_FILE].filter((each) => each !== undefined);
  if (given.length > 1)
    throw new ConfigError('SMTP_URL with a password, SMTP_PASSWORD_FILE and SMTP_TOKEN_FILE exclude each other');
  if (given.length > 0 && user === '') throw new ConfigError('SMTP_URL has no user to log in: smtp://user@host:port');
  if (SMTP_PASSWORD_FILE !== undefined) return { user, passwordFile: SMTP_PASSWORD_FILE };
  if (SMTP_TOKEN_FILE !== undefined) return { user, accessTokenFile: SMTP_TOKEN_FILE };
  if (password !== '') return { user, password };
  if (user !== '')
    throw new ConfigError('SMTP_URL has a user but no password: SMTP_PASSWORD_FILE names a file with it');
  return null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ConfigError('SMTP_URL has a % in user or password that begins no escape: write it as %25');
  }
}
