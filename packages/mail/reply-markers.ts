import * as words from './reply-words.ts';

const email = /[^\s<>@"'()]{1,100}@[^\s<>@"'()]{1,100}/;
const bracketedEmail = /[<([]\s{0,3}(?:mailto:)?[^\s<>@"'()]{1,100}@[^\s<>@"'()]{1,100}\s{0,3}[>)\]]/;
const timeOfDay = /\p{Nd}{1,2}[:.h]\p{Nd}{2}(?!\p{Nd})/u;
const year = /(?<!\p{Nd})(?:(?:19|20)\d{2}|[٠-٩۰-۹]{4})(?!\p{Nd})/u;
const isoDateFirst = /^\d{4}[-/]\d{1,2}[-/]\d{1,2}\b/;

/** First words of an attribution: a preposition or weekday with a date behind it, or the date itself. */
const prepositions = 'on|at|am|le|op|den|el|il|em|w dniu|dnia|vào|på|pe|dana|dne|kl|в|на|у|в|於|il giorno';
const attributionStart = new RegExp(
  `^\\s{0,9}-*\\s?(?:(?:${prepositions})\\s|\\d{1,4}[./-]\\d{1,2}[./-]\\d{1,4}|\\d{1,2}[.\\s]\\s?\\p{L}{3,12}|\\p{L}{2,12}[.,]\\s|在)`,
  'iu',
);
/** An attribution that begins in the middle of a line, right behind what the author typed. */
const attributionInside =
  /-{0,10}\s?\bOn (?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? |\d{1,2}[ ./-]|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d)/;

/** `-- ` of RFC 3676 4.3, and the forms it takes once trailing blanks are lost. */
export const isSignatureDelimiter = (line: string): boolean => /^\s{0,3}(?:--|__|—)\s*$/.test(line);
/** True when the line and the next begin what is no part of the message: a signature, or the footer of a mailing list. */
export const startsSignature = (line: string, next: string): boolean =>
  isSignatureDelimiter(line) || (/^_{10,}\s*$/.test(line) && words.listFooter.test(next));
/** A line of nothing but rules, blanks and marks of mail trackers. */
export const isRule = (line: string): boolean => /^[\s\-_=*#~+—–·ᐧ\u200b]*$/u.test(line);
export const isMobileSignature = (line: string): boolean => words.mobileSignature.test(line);
export const isOriginalMessage = (line: string): boolean =>
  words.originalMessage.test(line) || words.groupWiseHistory.test(line);
export const isForwardMarker = (line: string): boolean => words.forwardMarker.test(line);
/** True for the subject of a message that was forwarded as it is, which is content and not history. */
export const isForwardSubject = (subject: string): boolean => words.forwardPrefix.test(subject);

/** Lines looked at for the header of a quoted message; wrapped values make it longer than its four to six fields. */
const headerBlockLines = 8;

/**
 * True when the quoted message of an Outlook-like reply begins here: a block of header lines in one of the languages.
 * A few labels alone could be a form that somebody filled in, so there must be a subject, an address, or a sender, a
 * recipient and a date with its time among them.
 */
export function startsHeaderBlock(lines: readonly string[], index: number): boolean {
  const first = lines[index] ?? '';
  if (![words.fromLine, words.sentLine, words.subjectLine].some((label) => label.test(first))) return false;
  const block = lines.slice(index, index + headerBlockLines);
  const end = block.findIndex((line) => line.trim() === '');
  const header = (end === -1 ? block : block.slice(0, end)).flatMap((line) => line.split(words.nextLabel));
  const has = (label: RegExp) => header.some((line) => label.test(line));
  const labels = [words.fromLine, words.sentLine, words.toLine, words.subjectLine].filter(has).length;
  const addressed = header.some((line) => email.test(line));
  const timed = header.some((line) => words.sentLine.test(line) && timeOfDay.test(line) && year.test(line));
  if (!has(words.fromLine) && !has(words.sentLine)) return false;
  return labels >= 2 && (has(words.subjectLine) || addressed || (labels >= 3 && timed));
}

export type Attribution = { readonly first: number; readonly last: number; readonly strong: boolean };

/** Longest attribution seen in the wild, in lines and characters. */
const attributionLines = 5;
const attributionLength = 400;

/**
 * The attribution (`On … wrote:`) that ends with line `last`, or null. It is known by what it is made of in any language:
 * a verb of writing or an address, a date, a colon at the end. A `strong` one is sure enough to be believed without
 * quote marks below it.
 * @param from first line that may belong to it
 */
export function attributionEndingAt(lines: readonly string[], last: number, from: number): Attribution | null {
  const ending = lines[last] ?? '';
  if (!/[:：]\s*\*?$|-{2,}\s*$/.test(ending) && !words.wroteAtEnd.test(ending) && !needsNoColon(ending)) return null;
  for (let first = last; first >= from && first > last - attributionLines; first -= 1) {
    if (first < last && isGap(lines, first)) return null;
    const text = lines
      .slice(first, last + 1)
      .join(' ')
      .trim();
    if (text.length > attributionLength) return null;
    const strength = strengthOf(text);
    if (strength) return { first: beginningOf(lines, first, from), last, strong: strength === 'strong' };
  }
  return null;
}

/**
 * How sure a text is an attribution. An author writes `I wrote to bob@example.org at 10:30 the following:` as well, so a verb
 * counts where mail programs put it, and without a verb an address only in brackets.
 */
function strengthOf(text: string): 'strong' | 'weak' | null {
  if (needsNoColon(text)) return 'strong';
  if (/^-{2,}.*-{2,}$/.test(text) && words.wroteWord.test(text)) return 'strong';
  const dated = timeOfDay.test(text) || year.test(text);
  const ended = words.wroteAtEnd.test(text);
  if (ended && (dated || email.test(text))) return 'strong';
  if (dated && /[:：]\s*\*?$/.test(text) && (words.wroteBeforeName.test(text) || bracketedEmail.test(text)))
    return 'strong';
  return ended && /\p{Nd}/u.test(text) ? 'weak' : null;
}

/** `2013/7/20 Sam <sam@example.org>` and `2016-03-03 17:21 GMT+01:00 Sam`, which Gmail writes in some languages. */
const needsNoColon = (text: string): boolean =>
  isoDateFirst.test(text) && (/<[^<>]+@[^<>]+>:?$/.test(text) || /^\S+ \d{1,2}:\d{2} GMT\S* \S/.test(text));

/** Blank lines end an attribution, except around the brackets that Polymail puts on lines of their own. */
const isGap = (lines: readonly string[], index: number): boolean =>
  (lines[index] ?? '').trim() === '' && !/^\s*<\s*$/.test(lines[index + 1] ?? '');

/** Follows a wrapped attribution up to the line that it begins with. */
function beginningOf(lines: readonly string[], found: number, from: number): number {
  for (let index = found; index >= from && index > found - attributionLines; index -= 1) {
    if (index < found && isGap(lines, index)) break;
    const line = lines[index] ?? '';
    if (attributionStart.test(line) && /\d/.test(line)) return index;
  }
  const wrapped = /^\s*(?:<|\S+@)/.test(lines[found] ?? '') && (lines[found - 1] ?? '').trim() !== '';
  return wrapped && found > from ? found - 1 : found;
}

/** What the author typed in front of an attribution on the same line, or null when the line is all attribution. */
export function textBeforeAttribution(line: string): string | null {
  const before = line.slice(0, Math.max(0, line.search(attributionInside))).trimEnd();
  return before.trim() === '' ? null : before;
}
