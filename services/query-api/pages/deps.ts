import type { Authenticate } from '#packages/http/auth.ts';
import type { QueryApiDeps } from '../deps.ts';
import type { DeskStatus } from './status.ts';

export type PagesDeps = QueryApiDeps & {
  readonly authenticate: Authenticate;
  readonly status: () => Promise<DeskStatus>;
};
