import providers from 'email-providers/all.json' with { type: 'json' };
import { domainOf, normaliseAddress } from './address.ts';

/** Public mail hosts that the list does not know yet. */
const addedProviders = ['fastmail.com', 'tutanota.com', 'tuta.com', 'tuta.io', 'duck.com', 'mailbox.org', 'posteo.de'];
/** Reserved for documentation (RFC 2606), so companies of examples and tests, whatever the list says. */
const reserved = ['example.com', 'example.net', 'example.org'];

/** At least two labels, the last no number: neither a local host name nor an IP address. */
const publicName = /\.[a-z][a-z0-9-]+$/;

const freeMail: ReadonlySet<string> = new Set([...providers, ...addedProviders].filter((d) => !reserved.includes(d)));

/**
 * Domain by which the people of one company are put together: the whole domain of their addresses.
 * @returns null for free-mail providers, for hosts without a dot, and for what is no address
 */
export function companyDomain(address: string): string | null {
  const normalised = normaliseAddress(address);
  if (!normalised) return null;
  const domain = domainOf(normalised);
  return publicName.test(domain) && !freeMail.has(domain) ? domain : null;
}
