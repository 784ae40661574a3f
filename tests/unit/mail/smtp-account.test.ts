import { expect, it } from 'vitest';
import { ConfigError } from '#packages/kernel/config.ts';
import { smtpAccount } from '#packages/mail/smtp-account.ts';

it('is none without SMTP_URL', () => {
  expect(smtpAccount({ SMTP_PASSWORD_FILE: '/run/secrets/x' })).toBeNull();
});

it.each([
  ['smtp://mail.example', { host: 'mail.example', port: 587, security: 'offered', login: null }],
  ['smtp://mail.example:25?tls=none', { port: 25, security: 'none' }],
  ['smtp://mail.example?tls=required', { security: 'starttls' }],
  ['smtps://mail.example', { port: 465, security: 'tls' }],
  ['smtp://[::1]:2525', { host: '::1', port: 2525 }],
  [
    'smtp://a%40b.example:p%2F%3Aw@mail.example',
    { login: { user: 'a@b.example', password: 'p/:w' }, security: 'starttls' },
  ],
  ['smtp://desk:pw@mail.example?tls=none', { security: 'none', login: { user: 'desk', password: 'pw' } }],
])('reads %s', (url, account) => {
  expect(smtpAccount({ SMTP_URL: url })).toMatchObject(account);
});

it('takes password or token from a file', () => {
  const SMTP_URL = 'smtp://desk@mail.example';
  expect(smtpAccount({ SMTP_URL, SMTP_PASSWORD_FILE: '/p' })?.login).toEqual({ user: 'desk', passwordFile: '/p' });
  expect(smtpAccount({ SMTP_URL, SMTP_TOKEN_FILE: '/t' })?.login).toEqual({ user: 'desk', accessTokenFile: '/t' });
});

it.each([
  [{ SMTP_URL: 'smtp://' }],
  [{ SMTP_URL: 'smtp://mail.example?tls=maybe' }],
  [{ SMTP_URL: 'smtp://mail.example?tls.rejectUnauthorized=false' }],
  [{ SMTP_URL: 'smtps://mail.example?tls=none' }],
  [{ SMTP_URL: 'smtp://desk:s3c/ret@mail.example' }],
  [{ SMTP_URL: 'smtp://desk:s3cr%@mail.example' }],
  [{ SMTP_URL: 'smtp://desk@mail.example' }],
  [{ SMTP_URL: 'smtp://desk:s3cret@mail.example', SMTP_PASSWORD_FILE: '/p' }],
  [{ SMTP_URL: 'smtp://desk@mail.example', SMTP_TOKEN_FILE: '/t', SMTP_PASSWORD_FILE: '/p' }],
  [{ SMTP_URL: 'smtp://mail.example', SMTP_PASSWORD_FILE: '/p' }],
])('refuses %j by the name of the variable, and repeats no password', (variables) => {
  const read = () => smtpAccount(variables);
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(/^SMTP_/);
  expect(read).not.toThrow(/s3c/);
});
