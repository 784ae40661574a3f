import { describe, expect, it } from 'vitest';
import { normaliseAddress } from '#packages/mail/address.ts';
import { companyDomain } from '#packages/mail/company-domain.ts';
import { safeFileName } from '#packages/mail/file-name.ts';

describe('addresses', () => {
  it.each([
    ['Anna.Kunde+x@Customer.EXAMPLE', 'anna.kunde+x@customer.example'],
    [' <a@b.example> ', 'a@b.example'],
    ['a@müller.example', 'a@xn--mller-kva.example'],
    ['a@b.example.', 'a@b.example'],
    ['nobody', null],
    ['a@', null],
    ['@b.example', null],
    ['a b@c.example', null],
    ['a@b@c.example', null],
    ['', null],
  ])('%j is %j', (raw, expected) => {
    expect(normaliseAddress(raw)).toBe(expected);
  });
});

describe('company domains', () => {
  it.each([
    ['anna@customer.example', 'customer.example'],
    ['anna@mail.customer.co.uk', 'mail.customer.co.uk'],
    ['a@MÜLLER.example', 'xn--mller-kva.example'],
    ['a@example.com', 'example.com'],
    ...[
      'gmail.com',
      'outlook.com',
      'yandex.ru',
      'mail.ru',
      'gmx.de',
      'wp.pl',
      'qq.com',
      'proton.me',
      'hotmail.co.uk',
      'icloud.com',
      'tutanota.com',
    ].map((domain): [string, null] => [`a@${domain}`, null]),
    ['root@localhost', null],
    ['a@1.2.3.4', null],
    ['a@[1.2.3.4]', null],
    ['nobody', null],
  ])('%s is of %j', (address, domain) => {
    expect(companyDomain(address)).toBe(domain);
  });
});

describe('file names', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\Anna\\report.pdf', 'report.pdf'],
    ['a\u0000b\r\nc\t.txt', 'ab c .txt'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['..', 'attachment-3.pdf'],
    ['   ', 'attachment-3.pdf'],
    [null, 'attachment-3.pdf'],
    ['a<b>:c|d?.txt', 'a_b__c_d_.txt'],
    ['.htaccess', 'htaccess'],
  ])('%j becomes %j', (name, expected) => {
    expect(safeFileName(name, 'application/pdf', 3)).toBe(expected);
  });

  it('keep their extension when they are cut', () => {
    const name = safeFileName(`${'ü'.repeat(400)}.pdf`, 'application/pdf', 1);
    expect(name).toHaveLength(255);
    expect(name).toMatch(/ü\.pdf$/);
    expect(safeFileName(null, 'message/rfc822', 2)).toBe('attachment-2.eml');
    expect(safeFileName(null, 'application/x-unheard-of', 2)).toBe('attachment-2.bin');
  });
});
