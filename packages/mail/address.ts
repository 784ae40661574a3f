import { domainToASCII } from 'node:url';
import { Value } from 'typebox/value';
import { Address } from '#contracts/primitives.ts';

/**
 * The one form of an address that the desk compares and stores: lower case, international domain in ASCII (RFC 5891).
 * Local parts are case-sensitive by RFC 5321 2.4 and nowhere in practice. Null for what is no address.
 */
export function normaliseAddress(raw: string): string | null {
  const text = raw.trim().replace(/^<|>$/g, '');
  const at = text.lastIndexOf('@');
  if (at < 1) return null;
  const domain = domainToASCII(text.slice(at + 1).replace(/\.$/, ''));
  const address = `${text.slice(0, at)}@${domain}`.toLowerCase();
  return domain !== '' && Value.Check(Address, address) ? address : null;
}

/** Part after the @ of a normalised address. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);
