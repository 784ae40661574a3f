import { describe, expect, test } from 'vitest';
import type { PersonEvent } from '#contracts/events/directory.ts';
import { type PersonCommand, person } from '#packages/domain/person.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { given } from '#tests/support/given.ts';

const [annaId, benId] = [idFrom('test', 'anna'), idFrom('test', 'ben')];
const registered: PersonEvent = {
  type: 'PersonRegistered',
  data: { name: 'Anna', emails: ['a@x.example', 'b@x.example'], companyId: null, roles: ['customer'], origin: 'api' },
};
const emails = (add: string[], remove: string[] = [], main?: string): PersonCommand => ({
  type: 'ChangeEmails',
  data: { personId: annaId, add, remove, ...(main !== undefined && { main }) },
});
const changed = (added: string[], removed: string[], main: string | null): PersonEvent => ({
  type: 'PersonEmailsChanged',
  data: { added, removed, main },
});
const claimed = (personId: string): PersonEvent => ({
  type: 'PersonAddressClaimed',
  data: { address: 'a@x.example', personId },
});
const released: PersonEvent = { type: 'PersonAddressReleased', data: { address: 'a@x.example', personId: benId } };

describe('the addresses of a person', () => {
  const anna = given(person, registered);

  test('come and go, and one of them is the main one', () => {
    anna
      .when(emails(['c@x.example', 'c@x.example'], ['b@x.example', 'z@x.example']))
      .thenEvents(changed(['c@x.example'], ['b@x.example'], 'a@x.example'));
    anna.when(emails([], [], 'b@x.example')).thenEvents(changed([], [], 'b@x.example'));
    anna.when(emails(['c@x.example'], [], 'c@x.example')).thenEvents(changed(['c@x.example'], [], 'c@x.example'));
    anna.when(emails([], ['a@x.example'])).thenEvents(changed([], ['a@x.example'], 'b@x.example'));
    anna.when(emails([], ['a@x.example', 'b@x.example'])).thenEvents(changed([], ['a@x.example', 'b@x.example'], null));
    anna.when(emails(['a@x.example'], ['a@x.example'], 'a@x.example')).thenNothing();
    expect(given(person, registered, changed(['c@x.example'], ['a@x.example'], 'c@x.example')).state.emails).toEqual([
      'c@x.example',
      'b@x.example',
    ]);
  });

  test('are at most fifty, and the main one is one of them', () => {
    const many = Array.from({ length: 49 }, (_, n) => `n${n}@x.example`);
    anna.when(emails(many)).thenRejects('TOO_MANY_EMAILS', { pointers: ['/add'], extra: { limit: 50 } });
    anna.when(emails([], ['b@x.example'], 'b@x.example')).thenRejects('EMAIL_NOT_HELD', { pointers: ['/main'] });
  });

  test('do not hold the own one while it is somebody else’s', () => {
    const without = [registered, changed([], ['a@x.example'], 'b@x.example'), claimed(benId)] as const;
    given(person, ...without)
      .when(emails(['a@x.example']))
      .thenRejects('EMAIL_TAKEN', { extra: { id: benId } });
    given(person, ...without, released)
      .when(emails(['a@x.example']))
      .thenEvents(changed(['a@x.example'], [], 'b@x.example'));
  });
});

describe('who has the address that leads to a stream', () => {
  const data = { address: 'a@x.example', personId: benId, ownId: annaId };
  const claim: PersonCommand = { type: 'ClaimAddress', data };
  const release: PersonCommand = { type: 'ReleaseAddress', data };

  test('is whoever claims it first, when nobody is registered there', () => {
    given(person).when(claim).thenEvents(claimed(benId));
    given(person, claimed(benId)).when(claim).thenNothing();
    const other = idFrom('test', 'other');
    given(person, claimed(other))
      .when(claim)
      .thenRejects('EMAIL_TAKEN', { extra: { id: other } });
    given(person, claimed(benId), released).when(claim).thenEvents(claimed(benId));
  });

  test('is who is registered there, until they let it go', () => {
    given(person, registered)
      .when(claim)
      .thenRejects('EMAIL_TAKEN', { extra: { id: annaId } });
    given(person, registered, changed([], ['a@x.example'], 'b@x.example'))
      .when(claim)
      .thenEvents(claimed(benId));
  });

  test('is nobody once it was released, by who has it alone', () => {
    given(person, claimed(benId)).when(release).thenEvents(released);
    given(person, claimed(benId), released).when(release).thenNothing();
    given(person, claimed(idFrom('test', 'other')))
      .when(release)
      .thenNothing();
    given(person, registered).when(release).thenNothing();
  });

  test('keeps others from being registered there', () => {
    const register: PersonCommand = { type: 'RegisterPerson', data: registered.data };
    given(person, claimed(benId)).when(register).thenNothing();
    given(person, claimed(benId), released).when(register).thenEvents(registered);
  });
});

describe('notes, language and login of a person', () => {
  test('change only by what is different', () => {
    const events: readonly PersonEvent[] = [
      registered,
      { type: 'PersonNotesChanged', data: { notes: 'Note' } },
      { type: 'PersonLanguageChanged', data: { language: 'de-AT' } },
      { type: 'PersonLoginChanged', data: { login: 'anna' } },
    ];
    const them = given(person, ...events);
    expect(them.state).toMatchObject({ notes: 'Note', language: 'de-AT', login: 'anna' });
    them.when({ type: 'ChangePersonNotes', data: { notes: ' Note ' } }).thenNothing();
    them.when({ type: 'ChangePersonNotes', data: { notes: '  ' } }).thenEvents({
      type: 'PersonNotesChanged',
      data: { notes: null },
    });
    them.when({ type: 'ChangePersonLanguage', data: { language: 'DE-at' } }).thenNothing();
    them.when({ type: 'ChangePersonLanguage', data: { language: 'n o' } }).thenRejects('LANGUAGE_INVALID', {
      pointers: ['/language'],
    });
    them.when({ type: 'ChangeLogin', data: { login: 'anna' } }).thenNothing();
    them.when({ type: 'ChangeLogin', data: { login: null } }).thenEvents({
      type: 'PersonLoginChanged',
      data: { login: null },
    });
  });
});
