/** Languages whose words PostgreSQL can reduce to their stems, by primary language tag. */
const configurations = {
  ar: 'arabic',
  da: 'danish',
  de: 'german',
  en: 'english',
  es: 'spanish',
  fi: 'finnish',
  fr: 'french',
  hu: 'hungarian',
  it: 'italian',
  nb: 'norwegian',
  nl: 'dutch',
  nn: 'norwegian',
  no: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sv: 'swedish',
  tr: 'turkish',
} as const;

/** Characters of a text that are searched; a tsvector has at most 1 MiB, and more would stop the projection. */
const maxSearched = 50_000;

/** The text search configuration for a language; `simple` takes words as they are. */
export function configurationOf(language: string | null): string {
  const [primary = ''] = (language ?? '').toLowerCase().split('-');
  return primary in configurations ? configurations[primary as keyof typeof configurations] : 'simple';
}

/**
 * SQL of the words of a title and a text: as they are, and as stems in their language. All arguments are SQL; the names of
 * configurations are constants in it, as a generated column needs.
 */
export function wordsOf(language: string, title: string, text: string): string {
  const vector = (configuration: string) =>
    `setweight(to_tsvector('pg_catalog.${configuration}', coalesce(${title}, '')), 'A') || ` +
    `setweight(to_tsvector('pg_catalog.${configuration}', left(coalesce(${text}, ''), ${maxSearched})), 'D')`;
  const cases = Object.entries(configurations).map(([tag, name]) => `when '${tag}' then ${vector(name)}`);
  const stems = `case lower(split_part(coalesce(${language}, ''), '-', 1)) ${cases.join(' ')} else ''::tsvector end`;
  return `${vector('simple')} || ${stems}`;
}
