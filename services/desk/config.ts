import { type Static, Type } from 'typebox';
import { databaseUrlAbout, variables } from '#packages/runtime/variables.ts';

/** What the whole desk reads. Defaults run it on one machine, reachable from that machine only. */
export const DeskConfig = Type.Object({
  ...variables,
  DATABASE_URL: Type.Optional({
    ...variables.DATABASE_URL,
    description: `${databaseUrlAbout}; without it the desk runs its own`,
  }),
});
export type DeskConfig = Readonly<Static<typeof DeskConfig>>;
