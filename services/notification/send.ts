import { streams } from '#contracts/events/streams.ts';
import type { BlobStore } from '#packages/blob-store/port.ts';
import { fold } from '#packages/domain/decider.ts';
import { type OutboundMailCommand, type OutboundMailState, outboundMail } from '#packages/domain/mail/outbound.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { EventStore, Position, StoredEvent } from '#packages/event-store/port.ts';
import type { Clock } from '#packages/kernel/clock.ts';
import { isAppError, isTransient } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { retry } from '#packages/kernel/retry.ts';
import { composeMail } from '#packages/mail/compose.ts';
import type { DeliveryResult } from '#packages/mail/delivery.ts';
import type { ParsedAttachment } from '#packages/mail/parsed-mail.ts';
import { cleanLine } from '#packages/mail/plain-text.ts';
import { nextAttemptAt } from './attempts.ts';
import type { Transport } from './transport.ts';

export type SendDeps = {
  readonly store: Pick<EventStore, 'readStream'>;
  readonly handle: CommandHandler;
  readonly blobs: Pick<BlobStore, 'read'>;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly mailDomain: string;
  readonly log: Logger;
};

type Mail = NonNullable<OutboundMailState['mail']>;
type Partly = Pick<Extract<OutboundMailCommand, { type: 'DeferMail' }>['data'], 'refused' | 'taken'>;
type Attempt = { readonly number: number; readonly to: readonly string[] };

const maxResponse = 2_000;

/** What is on record only in memory so far: the mail has left, or has been refused, so this is worth some patience. */
const recording = { attempts: 8, minMs: 200, maxMs: 5_000, retryable: isTransient };

/**
 * Makes one attempt at sending a mail and puts its outcome on record. Resolves to the log position of the record; 0n when
 * the mail was not due after all. The stream is read right before sending, so that a mail that another sender has dealt
 * with is left alone; a crash between sending and recording sends it once more, with the same Message-ID.
 * Rejects with STORE_UNAVAILABLE, BLOB_STORE_UNAVAILABLE or TIMEOUT.
 */
export function createSender({ blobs, clock, handle, log, mailDomain, store, transport }: SendDeps) {
  const contentsOf = async (mail: Mail): Promise<ParsedAttachment[]> => {
    const files: ParsedAttachment[] = [];
    for (const { blob, size: _, ...file } of mail.attachments) files.push({ ...file, content: await blobs.read(blob) });
    return files;
  };

  const attempt = async (
    id: string,
    { mail, queuedAt, signal, to }: { mail: Mail; queuedAt: string; to: readonly string[]; signal: AbortSignal },
  ): Promise<DeliveryResult> => {
    try {
      const raw = await composeMail(mail, {
        date: queuedAt,
        ownDomain: mailDomain,
        attachments: await contentsOf(mail),
      });
      // Bounces go to the envelope sender: the reply address tells which ticket they are about.
      const envelope = { from: mail.replyTo ?? mail.from.address, to };
      return await transport.deliver({ id, envelope, raw, signal });
    } catch (error) {
      if (isTransient(error)) throw error;
      log.error({ err: error, mail: id }, 'mail cannot be composed');
      const reason = isAppError(error)
        ? error.message
        : 'The mail cannot be composed; the log of notification says why.';
      return { delivered: false, kind: 'temporary', reason };
    }
  };

  const failed = (reason: string, { number }: Attempt, partly: Partly = {}): OutboundMailCommand => {
    const next = nextAttemptAt(number, clock.now());
    return next === null
      ? { type: 'FailMail', data: { attempt: number, reason } }
      : { type: 'DeferMail', data: { attempt: number, reason, nextAttemptAt: next, ...partly } };
  };

  const commandFor = (result: DeliveryResult, it: Attempt): OutboundMailCommand => {
    if (!result.delivered) {
      if (result.kind === 'temporary') return failed(result.reason, it);
      return { type: 'FailMail', data: { attempt: it.number, reason: result.reason } };
    }
    const because = result.refused.map(({ address, reason }) => `${address}: ${reason}`).join('; ');
    const refused = result.refused.flatMap(({ kind, ...each }) => (kind === 'permanent' ? [each] : []));
    const partly = refused.length > 0 ? { refused } : {};
    if (refused.length < result.refused.length) {
      const missed = new Set(result.refused.map(({ address }) => address));
      const taken = it.to.filter((address) => !missed.has(address));
      return failed(cleanLine(`The others have it. ${because}`, maxResponse), it, { taken, ...partly });
    }
    const response = cleanLine(
      because === '' ? result.response : `${result.response}; refused for ${because}`,
      maxResponse,
    );
    return { type: 'MarkSent', data: { transport: transport.kind, response, attempt: it.number, ...partly } };
  };

  return async (id: string, signal: AbortSignal): Promise<Position> => {
    const stream = streams.outboundMail(id);
    const events = await store.readStream(stream);
    const [queued] = events;
    const { attempts, mail, nextAttemptAt: due, open: to, status } = fold(outboundMail, events);
    if (!queued || !mail || status !== 'queued' || isAhead(due, clock)) return 0n;
    const number = attempts + 1;
    const result = await attempt(id, { mail, to, queuedAt: queued.metadata.at, signal });
    // Broken off by ourselves, which is no attempt: the mail stays due.
    if (signal.aborted && !result.delivered && result.kind === 'temporary') return 0n;
    const command = commandFor(result, { number, to });
    // The outcome is part of the id: should two senders make the same attempt, a success must count whoever is first.
    const commandId = idFrom('send', id, number, command.type);
    const request = { stream, decider: outboundMail, command, commandId, facts: () => undefined, ...causeOf(queued) };
    const outcome = await retry(() => handle(request), { ...recording, signal });
    return outcome.position;
  };
}

/** Tolerance between the clock of the database, which says what is due, and ours. */
const skewMs = 30_000;

/** True when the stream names a later attempt than the read model did, which lags behind it. */
const isAhead = (due: string | null, clock: Clock): boolean =>
  due !== null && Date.parse(due) > clock.now().epochMilliseconds + skewMs;

const causeOf = (queued: StoredEvent) => ({
  actor: { kind: 'service' as const, id: 'notification' },
  source: 'notification',
  correlationId: queued.metadata.correlationId,
  causationId: queued.id,
});
