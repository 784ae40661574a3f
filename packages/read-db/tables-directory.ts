import type { Role } from '#contracts/primitives.ts';

/** The survivor and the merge that led there; null: not merged. */
type MergeColumns = { merged_into: string | null; merge_id: string | null; merged_at: Date | null };
type Touched = { version: number; position: bigint };

export type PersonRow = Touched &
  MergeColumns & {
    id: string;
    name: string;
    company_id: string | null;
    roles: readonly Role[];
    notes: string | null;
    language: string | null;
    login: string | null;
    main_email: string | null;
    origin: 'mail' | 'api' | 'cli' | 'seed';
    registered_at: Date;
  };
export type PersonEmailRow = { email: string; person_id: string };
/** `number`: E.164 as far as the country is known. */
export type PersonPhoneRow = { person_id: string; number: string; written: string };

export type CompanyRow = Touched &
  MergeColumns & { id: string; name: string; tariff: string | null; notes: string | null; registered_at: Date };
export type CompanyDomainRow = { domain: string; company_id: string };
