/**
 * A signal often comes twice for one wish: `timeout`, make and shells send it to a process and to its group. Only one that
 * comes later than this, in milliseconds, is somebody who lost patience.
 */
const patienceMs = 1_000;

export type StopRequest = {
  /** Aborts when somebody has asked for the end. */
  readonly signal: AbortSignal;
  /** To be called on every SIGINT, SIGTERM and SIGHUP. */
  ask(): void;
};

/** Turns the signals of an operator into one request for a clean end; asked again later, `force` ends it at once. */
export function createStopRequest(force: () => void): StopRequest {
  const stopping = new AbortController();
  let askedAt = 0;
  return {
    signal: stopping.signal,
    ask() {
      if (!stopping.signal.aborted) {
        askedAt = performance.now();
        stopping.abort();
      } else if (performance.now() - askedAt > patienceMs) force();
    },
  };
}
