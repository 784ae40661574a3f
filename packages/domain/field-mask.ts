/** One place of a mask: which characters it takes. */
type Place = (character: string) => boolean;

const digit: Place = (character) => /^\p{Nd}$/u.test(character);
const letter: Place = (character) => /^\p{L}$/u.test(character);
const places: ReadonlyMap<string, Place> = new Map<string, Place>([
  ['#', digit],
  ['A', letter],
  ['*', (character) => digit(character) || letter(character)],
]);

function placesOf(mask: string): readonly Place[] {
  const all: Place[] = [];
  let literal = false;
  for (const character of mask) {
    if (character === '\\' && !literal) {
      literal = true;
      continue;
    }
    all.push((literal ? undefined : places.get(character)) ?? ((other) => other === character));
    literal = false;
  }
  return all;
}

/** True when a text has the form of a mask (contracts/settings-fields.ts). Reads each character once. */
export function fitsMask(text: string, mask: string): boolean {
  const wanted = placesOf(mask);
  const given = [...text];
  return given.length === wanted.length && wanted.every((takes, index) => takes(given[index] ?? ''));
}
