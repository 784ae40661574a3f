import libmime from 'libmime';
import { normaliseAddress } from './address.ts';
import type { MailAddress, MailHeaderMap } from './parsed-mail.ts';
import { cleanLine } from './plain-text.ts';

/** Bounds of what is kept of a header; longer ones hold nothing that anybody wants to read. */
const maxValueLength = 16_000;
const maxValues = 1000;
const maxIds = 200;
/** RFC 5322 2.1.1 */
const maxIdLength = 998;
const maxNameLength = 200;

type HeaderLine = { readonly key: string; readonly line: string };

/** All headers by lower-case name, unfolded, words of RFC 2047 decoded. */
export function headerMap(lines: readonly HeaderLine[]): MailHeaderMap {
  const map: Record<string, string[]> = Object.create(null);
  for (const { key, line } of lines.slice(0, maxValues)) {
    if (key === '') continue;
    // mailsplit keeps bytes as characters.
    const text = Buffer.from(line.slice(0, maxValueLength), 'latin1').toString();
    const value = text.slice(text.indexOf(':') + 1).replace(/\r?\n[ \t]*/g, ' ');
    map[key] = [...(map[key] ?? []), cleanLine(libmime.decodeWords(value), maxValueLength)];
  }
  return map;
}

/** The ids in a Message-ID, In-Reply-To or References header, without brackets, each once. */
export function messageIds(values: readonly string[] = []): string[] {
  const text = values.join(' ');
  const bracketed = [...text.matchAll(/<([^<>\s]+)>/g)].map((match) => match[1] ?? '');
  const ids = bracketed.length > 0 ? bracketed : text.split(/[\s,<>]+/).filter((word) => word.includes('@'));
  return [...new Set(ids)].filter((id) => id.length <= maxIdLength).slice(-maxIds);
}

type ParsedAddress = { address?: string; name?: string; group?: ParsedAddress[] };

/**
 * The usable mailboxes of an address header as mailparser parsed it; members of groups are listed like the others.
 * Entries without a valid address are left out: they can be neither matched nor answered.
 */
export function mailboxes(header: unknown): MailAddress[] {
  const objects = [header].flat().filter(isAddressHeader);
  const flatten = (entry: ParsedAddress): ParsedAddress[] => (entry.group ? entry.group.flatMap(flatten) : [entry]);
  return objects
    .flatMap((object) => object.value.flatMap(flatten))
    .flatMap(({ address = '', name = '' }) => {
      const normalised = normaliseAddress(address);
      return normalised
        ? [{ address: normalised, name: cleanLine(name, maxNameLength).replace(/^'(.*)'$/, '$1') }]
        : [];
    });
}

const isAddressHeader = (header: unknown): header is { value: ParsedAddress[] } =>
  typeof header === 'object' && header !== null && 'value' in header && Array.isArray(header.value);

/** RFC 3339 of a Date header, or null: comments are dropped, what is left must be a date after 1970. */
export function dateOf(values: readonly string[] = []): string | null {
  const date = new Date((values[0] ?? '').replace(/\([^)]*\)/g, '').trim());
  const ms = date.getTime();
  return Number.isNaN(ms) || ms < 0 || ms > Date.UTC(2200, 0) ? null : date.toISOString();
}
