import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRatingLinks } from '#packages/mail/rating-link.ts';
import { type Person, startTestDesk, type TestDesk, uploadSecret } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let anna: Person;
let bert: Person;

const links = createRatingLinks(uploadSecret);

async function solvedTicket(requester: Person): Promise<string> {
  const payload = { subject: 'Printer', text: 'On fire' };
  const { id } = (await desk.as(requester, { method: 'POST', url: '/v1/tickets', payload })).json();
  await put(agent, id, 'assignment', { groupId: null, agentId: agent.id });
  await put(agent, id, 'status', { status: 'resolved' });
  return id;
}

const put = (person: Person, id: string, what: string, payload: object) =>
  desk.as(person, { method: 'PUT', url: `/v1/tickets/${id}/${what}`, payload, headers: { 'if-match': '*' } });
const form = (token: string, body: string) =>
  desk.app.inject({
    method: 'POST',
    url: `/rate/${token}`,
    payload: body,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
const ratings = async (query = '') => (await desk.as(agent, `/v1/reports/satisfaction/ratings${query}`)).json().items;
const timeline = async (id: string) => (await desk.as(agent, `/v1/tickets/${id}`)).json().timeline.items;

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
  anna = await desk.person('customer', 'anna');
  bert = await desk.person('customer', 'bert');
});
afterAll(() => desk?.stop());

describe('rating over the API', () => {
  it('is for the requester, once something is solved', async () => {
    const payload = { subject: 'Screen', text: 'Dark' };
    const { id } = (await desk.as(anna, { method: 'POST', url: '/v1/tickets', payload })).json();
    expect((await put(anna, id, 'rating', { score: 5 })).json().code).toBe('RATING_NOT_OPEN');
    await put(agent, id, 'status', { status: 'resolved' });
    expect((await put(agent, id, 'rating', { score: 5 })).json().code).toBe('FORBIDDEN');
    expect((await put(bert, id, 'rating', { score: 5 })).json().code).toBe('TICKET_NOT_FOUND');
    for (const body of [{ score: 6 }, { score: 0 }, { score: 4.5 }, { score: '5' }, {}, { score: 5, comment: ' ' }])
      expect([body, (await put(anna, id, 'rating', body)).json().code]).toEqual([body, 'INVALID_REQUEST']);
    expect((await put(anna, id, 'rating', { score: 5, comment: 'Great' })).statusCode).toBe(200);
    const [entry] = (await timeline(id)).filter(({ kind }: { kind: string }) => kind === 'rating');
    expect(entry).toMatchObject({ text: 'Great', author: { id: anna.id }, detail: { score: 5, round: 1, via: 'api' } });
  });
});

describe('the link of a mail', () => {
  it('rates nothing by being opened, however often, as mail scanners do', async () => {
    const id = await solvedTicket(anna);
    const before = (await ratings()).length;
    const token = links.make({ ticketId: id, round: 1, requesterId: anna.id });
    for (const method of ['GET', 'HEAD', 'GET'] as const) {
      const answer = await desk.app.inject({ method, url: `/rate/${token}?score=5` });
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-security-policy']).not.toContain('script');
    }
    expect(await ratings()).toHaveLength(before);
    expect((await timeline(id)).some(({ kind }: { kind: string }) => kind === 'rating')).toBe(false);
  });

  it('opens a form with the score chosen, which counts when it is sent and may be sent again', async () => {
    const id = await solvedTicket(anna);
    const token = links.make({ ticketId: id, round: 1, requesterId: anna.id });
    const page = await desk.app.inject({ url: `/rate/${token}?score=4` });
    expect(page.body).toMatch(/value="4" required checked/);
    expect(page.body).not.toContain('Printer');
    const sent = await form(token, 'score=4&comment=Fine+%3Cb%3E');
    expect([sent.statusCode, sent.headers.location]).toEqual([303, `/rate/${token}?thanks=1`]);
    expect((await form(token, 'score=2&comment=')).statusCode).toBe(303);
    const rated = (await ratings()).filter(({ ticket }: { ticket: { id: string } }) => ticket.id === id);
    expect(rated).toMatchObject([{ score: 2, comment: null, via: 'link', agent: { id: agent.id } }]);
    expect((await ratings('?score=4')).some(({ ticket }: { ticket: { id: string } }) => ticket.id === id)).toBe(false);
    expect((await desk.app.inject({ url: `/rate/${token}?thanks=1` })).body).toContain('Thank you');
  });

  it('is refused when it was forged, for what was never solved, and with a bad form', async () => {
    const id = await solvedTicket(bert);
    const token = links.make({ ticketId: id, round: 1, requesterId: bert.id });
    expect((await desk.app.inject({ url: `/rate/${token.slice(0, -2)}xx` })).statusCode).toBe(404);
    expect((await form(links.make({ ticketId: id, round: 2, requesterId: bert.id }), 'score=3')).json().code).toBe(
      'RATING_NOT_OPEN',
    );
    for (const body of ['score=9', 'comment=x', 'score=3&admin=1'])
      expect((await form(token, body)).json().code).toBe('INVALID_REQUEST');
  });

  it('is void once the ticket is somebody else’s', async () => {
    const id = await solvedTicket(anna);
    const [hers, his] = [anna, bert].map((who) => links.make({ ticketId: id, round: 1, requesterId: who.id }));
    await put(agent, id, 'status', { status: 'open' });
    await put(agent, id, 'requester', { personId: bert.id });
    expect((await form(`${his}`, 'score=1&comment=Between+us')).statusCode).toBe(303);
    expect((await desk.app.inject({ url: `/rate/${his}` })).body).toContain('Between us');
    const opened = await desk.app.inject({ url: `/rate/${hers}` });
    expect([opened.statusCode, opened.body.includes('Between us')]).toEqual([404, false]);
    expect((await form(`${hers}`, 'score=5')).statusCode).toBe(404);
    const found = (await ratings()).filter(({ ticket }: { ticket: { id: string } }) => ticket.id === id);
    expect(found).toMatchObject([{ score: 1, rater: { id: bert.id } }]);
  });

  it('tells nobody that the ticket was taken for spam, or where it went', async () => {
    const [spam, merged, other] = [await solvedTicket(anna), await solvedTicket(anna), await solvedTicket(bert)];
    await put(agent, spam, 'spam', {});
    expect((await put(agent, merged, 'merge', { into: other })).statusCode).toBe(200);
    for (const ticketId of [spam, merged]) {
      const answer = await form(links.make({ ticketId, round: 1, requesterId: anna.id }), 'score=4');
      expect([answer.statusCode, answer.json().code]).toEqual([409, 'RATING_NOT_OPEN']);
      for (const word of [other, 'spam', 'merged']) expect(answer.body.toLowerCase()).not.toContain(word);
    }
  });
});

describe('the report', () => {
  it('counts what the list of ratings shows', async () => {
    const report = (await desk.as(agent, '/v1/reports/satisfaction')).json();
    const items = (await desk.as(agent, report.href)).json().items as { score: number }[];
    const satisfied = items.filter(({ score }) => score >= 4).length;
    expect(items.length).toBeGreaterThan(1);
    expect(report).toMatchObject({ ratings: items.length, csi: satisfied / items.length });
    expect(report.solutions).toBeGreaterThanOrEqual(items.length);
    for (const { score, ratings: count } of report.byScore)
      expect(count).toBe(items.filter((each) => each.score === score).length);
    const paged = (await desk.as(agent, '/v1/reports/satisfaction/ratings?limit=1')).json();
    expect((await desk.as(agent, paged.next)).json().items).toEqual(items.slice(1, 2));
  });

  it('is for staff, and says when there is nothing', async () => {
    expect((await desk.as(anna, '/v1/reports/satisfaction')).statusCode).toBe(403);
    const empty = (await desk.as(agent, '/v1/reports/satisfaction?from=2020-01-01&to=2020-01-31')).json();
    expect(empty).toMatchObject({ ratings: 0, csi: null, averageScore: null, byAgent: [] });
  });
});
