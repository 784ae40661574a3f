import {
  type Attribution,
  attributionEndingAt,
  isForwardMarker,
  isMobileSignature,
  isOriginalMessage,
  isRule,
  startsHeaderBlock,
  startsSignature,
  textBeforeAttribution,
} from './reply-markers.ts';

/** What of a line is shown: all of it, nothing, or the part that the author typed in front of an attribution. */
export type LineVerdict = boolean | string;

/** What the markup around a line says it is, where a mail program marks its quotes in HTML. */
export type LineHint = 'attribution' | 'history';
type Hints = ReadonlyMap<number, LineHint>;
const noHints: Hints = new Map();

type JudgeOptions = {
  /** The message was forwarded as it is: what looks like history is what the author sent. */
  readonly forwarded: boolean;
  readonly hints?: Hints;
};

type Block = { readonly kind: 'text' | 'quote' | 'attribution'; readonly first: number; readonly last: number };

/** A line longer than this was typed by nobody's mail program as a marker; it is text. */
const maxMarkerLength = 1000;
/** More lines than this below a `--` are not a signature but text with a rule in it. */
const maxSignatureLines = 15;

/** Outlook scatters these over dates. */
const directionMarks = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Longest rest of an attribution behind the bracket of its address. */
const maxBracketRest = 40;

const quoteMark = /^\s{0,3}>/;
/** `Richard> text`, and the bar of some old Gmail languages: quotes only where an attribution announces them. */
const announcedQuoteMark = /^(?:\s{0,3}\||[A-Z]\w{0,14}>(?:\s|$))/;
const wrappedLink = /^\s*[<(]?\s?(?:https?:|mailto:)/;

/**
 * Tells the author's own lines of a reply from quoted history and signature. Quotes that the author answered one by
 * one stay, since the answers make no sense without them; a single quote above an answer goes.
 * @returns a verdict per line. At least one line is shown unless all are blank.
 */
export function judgeLines(original: readonly string[], { forwarded, hints = noHints }: JudgeOptions): LineVerdict[] {
  const lines = original.map((line) => (line.length > maxMarkerLength ? 'text' : line.replace(directionMarks, '')));
  const verdicts: LineVerdict[] = lines.map(() => true);
  const { blocks, end, partial } = scan(lines, hints);
  if (forwarded || forwardBegins(lines, end)) return verdicts;
  verdicts.fill(false, end);
  for (const block of hiddenBlocks(blocks, lines)) verdicts.fill(false, block.first, block.last + 1);
  hideSignature(lines, verdicts);
  for (const [index, text] of partial) verdicts[index] = text;
  return hasContent(lines, verdicts) ? verdicts : withoutMarkersOnly(lines, blocks, end);
}

type Scan = {
  readonly blocks: readonly Block[];
  /** First line of history that runs to the end; the number of lines when there is none. */
  readonly end: number;
  readonly partial: ReadonlyMap<number, string>;
};

function scan(lines: readonly string[], hints: Hints): Scan {
  const blocks: Block[] = [];
  const partial = new Map<number, string>();
  let textFrom = 0;
  const closeText = (until: number) => {
    if (lines.slice(textFrom, until).some((line) => line.trim() !== '')) {
      blocks.push({ kind: 'text', first: textFrom, last: until - 1 });
    }
  };
  for (let index = 0; index < lines.length; ) {
    const line = lines[index] ?? '';
    if (hints.get(index) === 'history' || isOriginalMessage(line) || startsHeaderBlock(lines, index)) {
      closeText(index);
      return { blocks, end: index, partial };
    }
    const attribution = findAttribution(lines, index, textFrom, hints);
    if (attribution) {
      const before = textBeforeAttribution(lines[attribution.first] ?? '');
      if (before !== null) partial.set(attribution.first, before);
      closeText(before === null ? attribution.first : attribution.first + 1);
      if (!isQuoteAhead(lines, index + 1)) return { blocks, end: attribution.first, partial };
      blocks.push({ kind: 'attribution', first: attribution.first, last: index });
      index = skipBlank(lines, index + 1);
      textFrom = index;
      continue;
    }
    const quoted = quoteEnd(lines, index, blocks.at(-1)?.kind === 'attribution' && textFrom === index);
    if (quoted > index) {
      closeText(index);
      blocks.push({ kind: 'quote', first: index, last: quoted - 1 });
      index = quoted;
      textFrom = index;
      continue;
    }
    index += 1;
  }
  closeText(lines.length);
  return { blocks, end: lines.length, partial };
}

function findAttribution(lines: readonly string[], last: number, from: number, hints: Hints): Attribution | null {
  const line = lines[last] ?? '';
  if (line.trim() === '') return null;
  if (hints.get(last) === 'attribution') return { first: last, last, strong: true };
  const found = attributionEndingAt(lines, last, from);
  if (!found || !(found.strong || isQuoteAhead(lines, last + 1))) return null;
  // `> wrote:` is the end of a wrapped `<address> wrote:` when it began further up, and else a quoted attribution.
  return quoteMark.test(line) && (found.first === last || line.length > maxBracketRest) ? null : found;
}

function skipBlank(lines: readonly string[], from: number): number {
  let index = from;
  while (index < lines.length && (lines[index] ?? '').trim() === '') index += 1;
  return index;
}

function isQuoteAhead(lines: readonly string[], from: number): boolean {
  const next = lines[skipBlank(lines, from)] ?? '';
  return quoteMark.test(next) || announcedQuoteMark.test(next);
}

/** Index behind the quote that begins at `from`, or `from` when none does. Blank lines within a quote belong to it. */
function quoteEnd(lines: readonly string[], from: number, announced: boolean): number {
  const isQuoted = (index: number): boolean => {
    const line = lines[index] ?? '';
    return quoteMark.test(line) || (announced && announcedQuoteMark.test(line));
  };
  if (!isQuoted(from)) return from;
  let end = from + 1;
  while (end < lines.length) {
    const next = skipBlank(lines, end);
    if (isQuoted(next)) end = next + 1;
    else if (next === end && isQuoted(next + 1) && isBrokenOff(lines[next - 1] ?? '', lines[next] ?? ''))
      end = next + 2;
    else break;
  }
  return end;
}

/** True for a line of a quote that lost its mark because the link in it was wrapped. */
function isBrokenOff(previous: string, line: string): boolean {
  const count = (char: string) => previous.split(char).length;
  return wrappedLink.test(line) || count('(') > count(')') || count('<') > count('>') - 1;
}

/** Quotes and attributions not to be shown: those at the end, and the one that a single answer stands below. */
function hiddenBlocks(blocks: readonly Block[], lines: readonly string[]): Block[] {
  const isAnswer = (block: Block | undefined) => block?.kind === 'text' && !isOnlySignature(lines, block);
  const answers = blocks.filter((block, index) => isAnswer(block) && blocks[index - 1]?.kind === 'quote').length;
  const lastText = blocks.findLastIndex(isAnswer);
  const trailing = blocks.findIndex(
    (block, index) => index > lastText && block.kind === 'quote' && isLastQuote(blocks, index),
  );
  return blocks.filter((block, index) => {
    if (block.kind === 'attribution') return true;
    if (block.kind === 'text') return false;
    return index === trailing || (answers <= 1 && blocks[index - 1]?.kind === 'attribution');
  });
}

const isLastQuote = (blocks: readonly Block[], index: number): boolean =>
  blocks.findLastIndex((block) => block.kind === 'quote') === index;

const isOnlySignature = (lines: readonly string[], block: Block): boolean => {
  const first = skipBlank(lines, block.first);
  return startsSignature(lines[first] ?? '', lines[first + 1] ?? '') && block.last - first <= maxSignatureLines;
};

/** Hides the signature, the marks of mobile programs, and the rules and blanks that are then left at the end. */
function hideSignature(lines: readonly string[], verdicts: LineVerdict[]): void {
  const shown = (index: number) => verdicts[index] !== false;
  const delimiter = signatureStart(lines, shown);
  if (delimiter !== -1) verdicts.fill(false, delimiter);
  for (let index = lines.length - 1; index > 0; index -= 1) {
    const line = lines[index] ?? '';
    if (!shown(index)) continue;
    if (!isRule(line) && !isMobileSignature(line)) return;
    verdicts[index] = false;
  }
}

/** The first delimiter with text above it and few lines below, or -1. In one pass: any line may be a delimiter. */
function signatureStart(lines: readonly string[], shown: (index: number) => boolean): number {
  const isText = (line: string, index: number): boolean => shown(index) && line.trim() !== '';
  let below = lines.filter(isText).length;
  let hasTextAbove = false;
  return lines.findIndex((line, index) => {
    if (isText(line, index)) below -= 1;
    if (hasTextAbove && below <= maxSignatureLines && shown(index) && startsSignature(line, lines[index + 1] ?? ''))
      return true;
    hasTextAbove ||= shown(index) && !isRule(line);
    return false;
  });
}

/** True when the first marker of all is that of a forwarded message. */
function forwardBegins(lines: readonly string[], end: number): boolean {
  const marker = lines.findIndex(isForwardMarker);
  if (marker === -1 || marker > end) return false;
  const above = lines.slice(0, marker).findLast((line) => line.trim() !== '' && !/^[\s>]*$/.test(line)) ?? '';
  return !quoteMark.test(lines[marker] ?? '') || !quoteMark.test(above);
}

const hasContent = (lines: readonly string[], verdicts: readonly LineVerdict[]): boolean =>
  verdicts.some((verdict, index) => verdict !== false && !isRule(lines[index] ?? ''));

/** For a reply that is nothing but quote and signature: everything but the attribution at its top. */
function withoutMarkersOnly(lines: readonly string[], blocks: readonly Block[], end: number): LineVerdict[] {
  const verdicts: LineVerdict[] = lines.map(() => true);
  if (blocks.some((block) => block.kind !== 'attribution') || end >= lines.length) return verdicts;
  let last = end;
  while (last < end + 5 && !attributionEndingAt(lines, last, end)) last += 1;
  if (last < end + 5 && lines.slice(last + 1).some((line) => !isRule(line))) verdicts.fill(false, end, last + 1);
  return verdicts;
}
