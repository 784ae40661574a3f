import { analyse } from 'chardet';
import iconv from 'iconv-lite';

/** Labels that promise nothing: mailers write them, or nothing at all, above text of any charset. */
const uninformative =
  /^(|us-?ascii|ascii|ansi[_-]x3.*|utf-?8|unicode-1-1-utf-8|x?-?unknown.*|default|8-?bit|binary|none|x-user-defined)$/;
/** ISO-2022-JP switches to its two-byte sets by ESC $ @, ESC $ B or ESC ( J, and is plain ASCII to everybody else. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC is what marks this charset
const japaneseEscape = /\u001b(\$[@B]|\(J)/;
/** Supersets under which mailers send characters that the labelled set does not have. */
const supersets: Readonly<Record<string, string>> = { gb2312: 'gb18030', gbk: 'gb18030', 'x-gbk': 'gb18030' };
/** What the detector may say; the rest of its answers are too seldom right on texts as short as mails. */
const detectable = /^(windows-125[0-7]|iso-8859-[1-9]|koi8-r|gb18030|big5|shift_jis|euc-jp|euc-kr)$/i;
const minConfidence = 15;
const detectionSample = 64 * 1024;

/**
 * Decodes the bytes of a text part or header by the charset it is labelled with, or, when the label is missing,
 * says nothing or is proved wrong by the bytes, by what the bytes look like. Never throws.
 */
export function decodeText(bytes: Uint8Array, label: string | null): string {
  const charset = (label ?? '')
    .trim()
    .replace(/^["']|["']$/g, '')
    .toLowerCase();
  if (uninformative.test(charset)) return decodeUnlabelled(bytes);
  const name = supersets[charset] ?? charset;
  try {
    return new TextDecoder(name).decode(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return iconv.encodingExists(name) ? iconv.decode(Buffer.from(bytes), name) : decodeUnlabelled(bytes);
  }
}

function decodeUnlabelled(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8').decode(bytes);
  if (japaneseEscape.test(text)) return new TextDecoder('iso-2022-jp').decode(bytes);
  if (isMostlyUtf8(text)) return text;
  const guess = analyse(bytes.subarray(0, detectionSample)).find((match) => detectable.test(match.name));
  return new TextDecoder(guess && guess.confidence >= minConfidence ? guess.name : 'windows-1252').decode(bytes);
}

/** True for text whose few broken sequences, if any, are damage and not another charset. */
function isMostlyUtf8(decoded: string): boolean {
  let broken = 0;
  let foreign = 0;
  for (const char of decoded) {
    if (char === '\ufffd') broken += 1;
    else if (char > '\u007f') foreign += 1;
  }
  return broken === 0 || foreign > broken * 3;
}
