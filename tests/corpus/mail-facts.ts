import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

type Address = { name: string | null; address: string | null };
type PythonFacts = {
  subject?: string;
  from?: Address[];
  to?: Address[];
  message_id?: string;
  date_utc?: string;
  first_text?: string;
  attachments?: { filename: string | null; mime_type: string; size?: number }[];
  confidence?: 'ok' | 'low';
};
type UpstreamFacts = {
  visible_text?: string;
  visible_text_no_whitespace?: string;
  visible_text_not_contains?: string[];
  text_without_signature?: string;
  attachments_count?: number;
  permanent_failures?: string[];
  temporary_failures?: string[];
};

/** One item of the corpus: see its README for what the facts are and where they come from. */
export type MailItem = {
  readonly file: string;
  readonly kind: string;
  readonly input_type: 'rfc822' | 'text-body' | 'html-body';
  readonly upstream: UpstreamFacts;
  readonly python: PythonFacts;
};

const folder = resolve(process.env['CORPUS_DIR'] ?? '../shared/corpus', 'mail');
const index = resolve(folder, 'index.jsonl');
export const present = existsSync(index);
if (!present) console.warn(`skipped tests/corpus/mail.test.ts: no corpus at ${folder} (set CORPUS_DIR)`);

export const items: MailItem[] = present
  ? readFileSync(index, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as MailItem)
  : [];

export const contentOf = (item: MailItem): Buffer => readFileSync(resolve(folder, item.file));

/** Most files have LF, while SMTP and IMAP deliver CRLF. */
export const withCrlf = (content: Buffer): Buffer =>
  Buffer.from(content.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');

/** Counts of checks passed per group, and what failed. */
export function createScore() {
  const groups = new Map<string, { passed: number; total: number; failed: Set<string> }>();
  return {
    count(group: string, file: string, passed: boolean): void {
      const entry = groups.get(group) ?? { passed: 0, total: 0, failed: new Set() };
      entry.total += 1;
      if (passed) entry.passed += 1;
      else entry.failed.add(file);
      groups.set(group, entry);
    },
    share(group: string): number {
      const { passed, total } = groups.get(group) ?? { passed: 0, total: 1 };
      return passed / total;
    },
    table(): string {
      const rows = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
      const width = Math.max(...rows.map(([group]) => group.length));
      return rows
        .map(([group, { passed, total, failed }]) => {
          const share = `${((passed / total) * 100).toFixed(1).padStart(6)} %`;
          const files = failed.size > 0 ? `  not: ${[...failed].slice(0, 8).join(' ')}` : '';
          return `${group.padEnd(width)} ${String(passed).padStart(4)}/${String(total).padEnd(4)}${share}${files}`;
        })
        .join('\n');
    },
  };
}
