import { sleep } from '#packages/kernel/retry.ts';

const requestTimeoutMs = 15_000;
/** Longest wait for something that the desk does by itself: a mail turned into a ticket, an answer sent. */
const patienceMs = 30_000;

/** What was asked for is not there, or is not shown yet: each read model follows the log at its own pace. */
class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}

export type Answer<T> = { readonly body: T; readonly etag: string | null; readonly position: string | null };

/** Speaks to the desk as any front end would: over HTTP, with a token. */
export function createClient({ signal, token, url }: { url: string; token: string; signal: AbortSignal }) {
  const request = async <T>(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer<T>> => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
    });
    const text = await response.text();
    if (!response.ok) {
      const message = `${method} ${path} was answered with ${response.status}: ${text}`;
      throw response.status === 404 ? new NotFoundError(message) : new Error(message);
    }
    const body = (text === '' ? null : JSON.parse(text)) as T;
    return { body, etag: response.headers.get('etag'), position: response.headers.get('desk-position') };
  };

  return {
    get: <T>(path: string) => request<T>('GET', path),
    send: <T>(method: 'POST' | 'PUT', path: string, body: unknown, headers: Record<string, string> = {}) =>
      request<T>(method, path, { body, headers }),
    /** Asks again until it is there and `found` gives something; throws with the question when that takes too long. */
    async until<T, Found>(
      question: string,
      path: string,
      found: (body: T) => Found | null | undefined,
    ): Promise<Found> {
      const deadline = Date.now() + patienceMs;
      while (Date.now() < deadline && !signal.aborted) {
        const answer = await request<T>('GET', path).then(({ body }) => found(body), notYet);
        if (answer !== null && answer !== undefined) return answer;
        await sleep(100, signal);
      }
      throw new Error(signal.aborted ? 'asked to stop' : `waited ${patienceMs / 1000} s for this: ${question}`);
    },
  };
}

function notYet(error: unknown): null {
  if (error instanceof NotFoundError) return null;
  throw error;
}

export type Client = ReturnType<typeof createClient>;
