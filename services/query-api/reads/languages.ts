import { type RawBuilder, sql } from 'kysely';
import { AppError } from '#packages/kernel/errors.ts';

const maxWanted = 10;

/** Languages that somebody reads, the best first, lower case. */
export type Wanted = readonly string[];

/**
 * What `?lang` or Accept-Language (RFC 9110 12.5.4) asks for. Throws INVALID_REQUEST for a `lang` that is no language
 * tag; a header that is none asks for nothing.
 */
export function wantedLanguages(lang: string | undefined, header: string | undefined): Wanted {
  if (lang !== undefined) {
    if (!/^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i.test(lang))
      throw new AppError('INVALID_REQUEST', {
        detail: 'There is no such language.',
        fields: [{ pointer: 'lang', detail: 'must be a language tag such as de or pt-BR' }],
      });
    return [lang.toLowerCase()];
  }
  return (header ?? '')
    .slice(0, 1_000)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = parameters.map((each) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(each)?.[1]).find(Boolean);
      return { tag: tag.trim(), quality: Number(quality ?? 1) };
    })
    .filter(({ quality, tag }) => quality > 0 && /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/.test(tag))
    .toSorted((a, b) => b.quality - a.quality)
    .slice(0, maxWanted)
    .map(({ tag }) => tag);
}

const texts = (list: readonly string[]) => sql`${sql.val(list)}::text[]`;

/** Order of texts by how well their language fits: the very one, one like it, English, any. */
export function byLanguage(wanted: Wanted, column: string): RawBuilder<number> {
  const language = sql`lower(${sql.ref(column)})`;
  const primary = sql`split_part(${language}, '-', 1)`;
  const primaries = wanted.map((tag) => tag.split('-')[0] ?? tag);
  return sql<number>`coalesce(array_position(${texts(wanted)}, ${language}) * 2, array_position(${texts(primaries)}, ${primary}) * 2 + 1, case when ${primary} = 'en' then 1000 else 1001 end)`;
}
