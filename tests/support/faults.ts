import { AppError } from '#packages/kernel/errors.ts';

/**
 * Stands for a process that dies, or loses a dependency, between two steps: wraps dependencies, counts every call of their
 * functions, and makes one of them fail, either before it does anything or after it has done everything.
 */
export function createFaults() {
  let calls = 0;
  let armed: { readonly call: number; readonly when: 'before' | 'after' } | null = null;

  const guarded =
    (work: (...args: never[]) => unknown) =>
    async (...args: never[]): Promise<unknown> => {
      calls += 1;
      const fails = armed?.call === calls ? armed.when : null;
      if (fails === 'before') throw new AppError('STORE_UNAVAILABLE', { detail: 'test fault before the step' });
      const result = await work(...args);
      if (fails === 'after') throw new AppError('STORE_UNAVAILABLE', { detail: 'test fault after the step' });
      return result;
    };

  return {
    /** From now on the n-th call (1-based) fails. */
    arm(call: number, when: 'before' | 'after'): void {
      calls = 0;
      armed = { call, when };
    },
    /** Nothing fails any more; tells how many calls there were since arming. */
    disarm(): number {
      armed = null;
      return calls;
    },
    /** An object of async functions, or one async function, that may fail. */
    wrap<T extends object>(target: T): T {
      if (typeof target === 'function') return guarded(target as unknown as () => unknown) as unknown as T;
      const entries = Object.entries(target).map(([name, value]) => [
        name,
        typeof value === 'function' ? guarded(value) : value,
      ]);
      return Object.fromEntries(entries) as T;
    },
  };
}
