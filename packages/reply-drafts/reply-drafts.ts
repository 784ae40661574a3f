import type pg from 'pg';
import { migrate } from '#packages/postgres/migrate.ts';
import { rowsOf } from '#packages/postgres/rows.ts';

/** Days after which a draft is forgotten that nobody went on with. */
export const draftDays = 30;

export type ReplyDraft = {
  readonly visibility: 'public' | 'internal';
  readonly text: string;
  readonly html: string | null;
  /** Of the ticket when the draft was begun; null: not told. */
  readonly version: number | null;
};

export type ReplyDrafts = {
  /** Keeps what somebody has written so far, in place of what they had before. */
  keep(ticketId: string, personId: string, draft: ReplyDraft): Promise<void>;
  /** Their draft and when it was last kept; null when there is none. */
  of(ticketId: string, personId: string): Promise<(ReplyDraft & { readonly keptAt: Date }) | null>;
  /** Forgets it, should there be one. */
  forget(ticketId: string, personId: string): Promise<void>;
};

/**
 * Unfinished replies, one of each person on each ticket. Nothing has been said yet, so no event: a table that all
 * processes of the API share. All reject with READ_MODEL_UNAVAILABLE or TIMEOUT.
 */
export async function openReplyDrafts(pool: pg.Pool): Promise<ReplyDrafts> {
  await migrate(pool, 'reply-drafts', new URL('./migrations/', import.meta.url));
  return {
    async keep(ticketId, personId, { html, text, version, visibility }) {
      await rowsOf(
        pool,
        `delete from desk.reply_drafts where ctid in
           (select ctid from desk.reply_drafts where kept_at < now() - make_interval(days => $1) limit 100 for update skip locked)`,
        [draftDays],
      );
      await rowsOf(
        pool,
        `insert into desk.reply_drafts (ticket_id, person_id, visibility, text, html, version, kept_at)
         values ($1, $2, $3, $4, $5, $6, now())
         on conflict (ticket_id, person_id) do update set visibility = excluded.visibility, text = excluded.text,
           html = excluded.html, version = excluded.version, kept_at = excluded.kept_at`,
        [ticketId, personId, visibility, text, html, version],
      );
    },
    async of(ticketId, personId) {
      const [draft] = await rowsOf<ReplyDraft & { keptAt: Date }>(
        pool,
        `select visibility, text, html, version, kept_at as "keptAt" from desk.reply_drafts
         where ticket_id = $1 and person_id = $2 and kept_at >= now() - make_interval(days => $3)`,
        [ticketId, personId, draftDays],
      );
      return draft ?? null;
    },
    async forget(ticketId, personId) {
      await rowsOf(pool, 'delete from desk.reply_drafts where ticket_id = $1 and person_id = $2', [ticketId, personId]);
    },
  };
}
