import { describe, expect, test } from 'vitest';
import type { PersonEvent } from '#contracts/events/directory.ts';
import { phoneNumber, phoneOf } from '#packages/domain/person/phone.ts';
import { type PersonCommand, person } from '#packages/domain/person.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import { given } from '#tests/support/given.ts';

test.each([
  ['+49 (0)30 123-45', '+493012345'],
  ['0049 30 12345', '+493012345'],
  ['030 / 123.45', '03012345'],
  ['+1 (415) 555‑0100', '+14155550100'],
  ['  110 ', '110'],
])('%s is kept as %s', (written, number) => {
  expect(phoneNumber(written)).toBe(number);
});

test.each(['', '12', 'call me', '+49 30 12345 ext 7', '1234567890123456', '++4930', '49+30123'])(
  '%j is no number',
  (written) => {
    expect(phoneNumber(written)).toBeNull();
    let thrown: unknown;
    try {
      phoneOf(written, '/phones/0');
    } catch (error) {
      thrown = error;
    }
    expect(isAppError(thrown, 'PHONE_INVALID') && thrown.fields[0]?.pointer).toBe('/phones/0');
  },
);

describe('telephone numbers of a person', () => {
  const [office, mobile] = [phoneOf('+49 30 12345', ''), phoneOf('0171 555 01', '')];
  const registered: PersonEvent = {
    type: 'PersonRegistered',
    data: { name: 'Anna', emails: [], companyId: null, roles: ['customer'], phones: [office], origin: 'api' },
  };
  const change = (add: (typeof office)[], remove: string[] = []): PersonCommand => ({
    type: 'ChangePhones',
    data: { add, remove },
  });

  test('come and go, each once', () => {
    given(person, registered)
      .when(change([mobile, mobile], [office.number, '999']))
      .thenEvents({ type: 'PersonPhonesChanged', data: { added: [mobile], removed: [office.number] } });
    given(person, registered)
      .when(change([{ ...office, written: '+493012345' }], [office.number]))
      .thenNothing();
    const changed: PersonEvent = { type: 'PersonPhonesChanged', data: { added: [mobile], removed: [office.number] } };
    expect(given(person, registered, changed).state.phones).toEqual([mobile]);
  });

  test('are at most twenty', () => {
    const many = Array.from({ length: 20 }, (_, n) => phoneOf(`0800 ${1000 + n}`, ''));
    given(person, registered)
      .when(change(many))
      .thenRejects('TOO_MANY_PHONES', { pointers: ['/add'] });
    expect(
      given(person, registered)
        .when(change(many, [office.number]))
        .events(),
    ).toHaveLength(1);
  });

  test('those who were registered before there were numbers have none', () => {
    const { phones: _, ...data } = registered.type === 'PersonRegistered' ? registered.data : {};
    expect(given(person, { type: 'PersonRegistered', data } as PersonEvent).state.phones).toEqual([]);
  });
});
