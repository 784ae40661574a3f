import { expect } from 'vitest';
import { catalogue, savedField, savedForm, savedMatrix } from './catalogue.ts';
import { type Person, startTestDesk, testContext } from './desk.ts';

const options = [
  { id: 'red', name: 'Red' },
  { id: 'blue', name: 'Blue' },
];

/** A desk with a catalogue, custom fields and a form, somebody of each role, and words for what they do. */
export async function startAttributeDesk() {
  const desk = await startTestDesk();
  for (const { kind, id, value } of [
    ...catalogue,
    savedMatrix(),
    savedField('room'),
    savedField('colours', { type: 'multi-choice', options, editableByCustomer: false }),
    savedField('cost', { type: 'number', visibleToCustomer: false, editableByCustomer: false }),
    savedField('cartridge', { services: ['printers'], required: true }),
    savedForm('printer', { fields: ['cartridge', 'room'], serviceId: 'toner', typeId: 'incident' }),
  ])
    await desk.platform.commands.settings.save(kind, id, value, testContext());
  const people = {
    agent: await desk.person('agent'),
    supervisor: await desk.person('supervisor'),
    auditor: await desk.person('auditor'),
    anna: await desk.person('customer', 'anna'),
    bert: await desk.person('customer', 'bert'),
  };
  const { agent } = people;

  const open = async (person: Person, changes: object = {}) =>
    desk.as(person, {
      method: 'POST',
      url: '/v1/tickets',
      payload: { subject: 'Printer', text: 'On fire', ...changes },
    });

  async function opened(changes: object = {}, person = agent): Promise<string> {
    const answer = await open(person, changes);
    expect(answer.json()).toMatchObject({ id: expect.any(String) });
    return answer.json().id;
  }

  const send =
    (method: 'PUT' | 'POST' | 'DELETE') =>
    (person: Person, id: string, path: string, payload?: object, version = '*') =>
      desk.as(person, {
        method,
        url: `/v1/tickets/${id}/${path}`,
        headers: { 'if-match': version },
        ...(payload && { payload }),
      });
  const put = send('PUT');
  const post = send('POST');
  const remove = send('DELETE');

  const read = async (person: Person, id: string, query = '') =>
    (await desk.as(person, `/v1/tickets/${id}${query}`)).json();
  const listed = async (person: Person, query: string): Promise<string[]> => {
    const answer = await desk.as(person, `/v1/tickets?limit=200&${query}`);
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json().items.map(({ id }: { id: string }) => id);
  };
  const refused = async (answer: ReturnType<typeof put>) => {
    const { statusCode } = await answer;
    const { code, errors = [] } = (await answer).json();
    return [statusCode, code, ...errors.map(({ pointer }: { pointer: string }) => pointer)];
  };

  return { ...people, desk, open, opened, put, post, remove, read, listed, refused };
}
