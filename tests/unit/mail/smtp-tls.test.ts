import { expect, it } from 'vitest';
import { ConfigError } from '#packages/kernel/config.ts';
import { intakeTls } from '#packages/mail/smtp-tls.ts';
import { testCertificate } from '#tests/support/certificate.ts';

it('reads a certificate and its key, or neither', async () => {
  const { cert, files, key } = await testCertificate();
  expect(await intakeTls({})).toEqual({});
  expect(await intakeTls({ SMTP_TLS_CERT: files.cert, SMTP_TLS_KEY: files.key })).toEqual({ tls: { cert, key } });
});

it('says at the start what is wrong with them', async () => {
  const { files } = await testCertificate();
  const other = await testCertificate();
  const wrong = [
    { SMTP_TLS_CERT: files.cert },
    { SMTP_TLS_CERT: files.cert, SMTP_TLS_KEY: '/nowhere/key.pem' },
    { SMTP_TLS_CERT: files.key, SMTP_TLS_KEY: files.key },
    { SMTP_TLS_CERT: files.cert, SMTP_TLS_KEY: other.files.key },
  ];
  for (const variables of wrong) {
    await expect(intakeTls(variables)).rejects.toThrow(ConfigError);
    await expect(intakeTls(variables)).rejects.toThrow(/^SMTP_TLS_/);
    await expect(intakeTls(variables)).rejects.not.toThrow(/PRIVATE KEY/);
  }
});
