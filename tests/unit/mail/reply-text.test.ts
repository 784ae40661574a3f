import { describe, expect, it } from 'vitest';
import { isForwardSubject } from '#packages/mail/reply-markers.ts';
import { splitReplyText } from '#packages/mail/reply-text.ts';

const visible = (text: string, forwarded = false) => splitReplyText(text, { forwarded }).visible;

describe('reply text', () => {
  it.each([
    ['English', 'On Mon, 2 Mar 2026 at 10:15, Desk <support@desk.example> wrote:'],
    [
      'English over three lines',
      'On Mon, 2 Mar 2026 at 10:15, The Desk of Many Words <\nsupport@desk.example>\nwrote:',
    ],
    ['German', 'Am 02.03.2026 um 10:15 schrieb Desk <support@desk.example>:'],
    ['German, Gmail', 'Desk <support@desk.example> schrieb am Mo., 2. März 2026 um\n10:15 Uhr:'],
    ['French', 'Le lun. 2 mars 2026 à 10:15, Desk <support@desk.example> a écrit :'],
    ['Spanish', 'El lun, 2 mar 2026 a las 10:15, Desk (<support@desk.example>) escribió:'],
    ['Italian', 'Il giorno lun 2 mar 2026 alle ore 10:15 Desk <support@desk.example> ha scritto:'],
    ['Portuguese', 'Em seg., 2 de mar. de 2026 às 10:15, Desk <support@desk.example> escreveu:'],
    ['Dutch', 'Op ma 2 mrt 2026 om 10:15 schreef Desk <support@desk.example>:'],
    ['Polish', 'pon., 2 mar 2026 o 10:15 Desk <support@desk.example> napisał(a):'],
    ['Russian', 'пн, 2 мар. 2026 г. в 10:15, Desk <support@desk.example>:'],
    ['Ukrainian', 'пн, 2 бер. 2026 р. о 10:15 Desk <support@desk.example> пише:'],
    ['Swedish', 'Den mån 2 mars 2026 kl 10:15 skrev Desk <support@desk.example>:'],
    ['Norwegian', 'man. 2. mars 2026 kl. 10:15 skrev Desk <support@desk.example>:'],
    ['Finnish', 'ma 2. maalisk. 2026 klo 10.15 Desk (support@desk.example) kirjoitti:'],
    ['Czech', 'po 2. 3. 2026 v 10:15 odesílatel Desk <support@desk.example> napsal:'],
    ['Turkish', 'Desk <support@desk.example>, 2 Mar 2026 Pzt, 10:15 tarihinde şunu yazdı:'],
    ['Chinese', '在 2026年3月2日，上午10:15，Desk <support@desk.example> 写道：'],
    ['Japanese', '2026年3月2日(月) 10:15 Desk <support@desk.example>:'],
    [
      'Outlook',
      '-----Original Message-----\nFrom: Desk <support@desk.example>\nSent: Monday, March 2, 2026 10:15 AM\nTo: Anna\nSubject: x',
    ],
    [
      'Outlook without a rule',
      'From: Desk <support@desk.example>\nSent: Monday, March 2, 2026 10:15 AM\nTo: Anna\nSubject: x',
    ],
    ['German Outlook', 'Von: Desk <support@desk.example>\nGesendet: Montag, 2. März 2026 10:15\nAn: Anna\nBetreff: x'],
    ['Russian Outlook', 'От: Desk\nОтправлено: 2 марта 2026 г. 10:15\nКому: Anna\nТема: x'],
    ['bold French Outlook', '*De :* Desk\n*Envoyé :* lundi 2 mars 2026 10:15\n*À :* Anna\n*Objet :* x'],
    [
      'Arabic',
      'في الاثنين، ٢ مارس ٢٠٢٦ في ١٠:١٥ ص تمت كتابة ما يلي بواسطة \u202aDesk\u202c\u200f <\u202asupport@desk.example\u202c\u200f>:',
    ],
    ['Catalan', 'Missatge de Desk <support@desk.example> del dia dl., 2 de març 2026 a les 10:15:'],
    ['Hungarian', 'Desk <support@desk.example> ezt írta (időpont: 2026. márc. 2., H, 10:15):'],
    ['Korean', '2026년 3월 2일 (월) 오전 10:15, Desk <support@desk.example>님이 작성:'],
    [
      'Slovenian Outlook',
      'Od: Desk <support@desk.example>\nPoslano: ponedeljek, 02. marec 2026 10:15\nZa: Anna\nZadeva: x',
    ],
    ['GroupWise', '>>> Desk <support@desk.example> 03/02/26 10:15 AM >>>'],
    ['Zoho', '---- On Mon, 02 Mar 2026 10:15:00 +0100 Desk <support@desk.example> wrote ----'],
    ['an original message in Polish', '-------- Wiadomość oryginalna --------\nTemat: x'],
  ])('ends before history in %s', (_, marker) => {
    const answer = 'It still burns.\n\nPlease help,\nAnna';
    expect(visible(`${answer}\n\n${marker}\n\n> Is it still on fire?\n> --\n> Desk\n`)).toBe(answer);
    if (!marker.includes('>:') || /wrote|schr|crit|escr|napis|skr/.test(marker)) {
      expect(visible(`${answer}\n\n${marker}\n\nIs it still on fire?\n\nDesk`)).toBe(answer);
    }
  });

  it('keeps what stands in front of an attribution on its line', () => {
    expect(visible('yes please On Wed, Apr 4, 2012 at 3:59 PM, bob@example.com wrote:\n> Shall we?')).toBe(
      'yes please',
    );
  });

  it('keeps an answer below the quote, without the quote', () => {
    expect(visible('On 2 Mar 2026 10:15, Desk wrote:\n> Is it on fire?\n>\n\nYes.')).toBe('Yes.');
    expect(visible('Hi,\n\nOn 2 Mar 2026 10:15, Desk wrote:\n> Is it on fire?\n\nYes.\nAnna')).toBe(
      'Hi,\n\nYes.\nAnna',
    );
  });

  it('keeps the questions that are answered one by one', () => {
    const answers = '> Is it on fire?\n\nYes.\n\n> Did you call?\n\nNo.';
    expect(visible(`On 2 Mar 2026 10:15, Desk wrote:\n${answers}\n\n> Regards,\n> Desk`)).toBe(answers);
  });

  it('keeps an answer between a quote and the footer of a list', () => {
    const footer = '_______________________________________________\nusers mailing list\nhttps://lists.example/users';
    expect(visible(`Hi,\nOn 2 Mar 2026 10:15, Desk wrote:\n> Fire?\n\nYes.\n\n> Desk\n\n${footer}`)).toBe(
      'Hi,\n\nYes.',
    );
  });

  it('keeps a quote that nobody announced, unless it only trails', () => {
    expect(visible('> as the manual says\n\nIt does not.')).toBe('> as the manual says\n\nIt does not.');
    expect(visible('See below.\n\n> Is it on fire?')).toBe('See below.');
  });

  it.each([
    ['-- \nAnna Kunde\nCustomer Ltd\n+49 123'],
    ['--\nAnna'],
    ['Sent from my iPhone'],
    ['Von meinem iPhone gesendet'],
    ['Get Outlook for Android<https://aka.ms/ghei36>'],
    ['Отправлено с iPhone'],
    ['__________'],
  ])('drops the signature %j', (signature) => {
    expect(visible(`It burns.\n\n${signature}`)).toBe('It burns.');
    expect(visible(`It burns.\n\n${signature}\n\nOn 2 Mar 2026 10:15, Desk wrote:\n> x`)).toBe('It burns.');
  });

  it.each([
    ['a rule in long text', `one\n--\n${'line\n'.repeat(20)}end`],
    ['a table', 'name | state\n--- | ---\nprinter | burning\n\nplease'],
    ['words like those of an attribution', 'On Monday I wrote:\nit burns.\n\nOn Tuesday it burnt down.'],
    [
      'what the author sent to somebody',
      'At 10:30 I wrote to bob@example.org the following:\nplease help\n\nand at 11:00 on 2 March 2026 bob@example.org got it:\nno answer',
    ],
    ['a form', 'From: Berlin\nTo: Paris\nDate: 3 May\n\nplease book'],
    ['a log', '10:15:00 server wrote: 500\n10:16:00 server wrote: 200\nwhat is this?'],
    ['code', 'if (a > b) {\n  run();\n}\n--help shows it'],
  ])('does not mistake %s for history', (_, text) => {
    expect(visible(text)).toBe(text);
  });

  it('copes with a mail of signature delimiters and nothing else', () => {
    const text = `Hello\n${'-- \n'.repeat(200_000)}end`;
    expect(visible(text)).toContain('Hello');
  });

  it('leaves forwarded messages whole', () => {
    const block = 'From: Anna\nSent: Monday, March 2, 2026 10:15 AM\nTo: Desk\nSubject: Fire\n\nIt burns.';
    expect(visible(`Please handle.\n\n---------- Forwarded message ---------\n${block}`)).toContain('It burns.');
    expect(visible(`FYI\n\n> Begin forwarded message:\n>\n> From: Anna <a@b.example>\n>\n> It burns.`)).toContain(
      'It burns.',
    );
    expect(visible(`Please handle.\n\n${block}`, true)).toContain('It burns.');
    expect(visible(`Please handle.\n\n${block}`)).toBe('Please handle.');
    expect(visible(`Done.\n\n-----Original Message-----\n${block}\n\n---------- Forwarded message ----------\nx`)).toBe(
      'Done.',
    );
    expect(['Fwd: x', 'FW: x', 'WG: x', 'TR : x'].every(isForwardSubject)).toBe(true);
    expect(['Re: Fwd: x', 'Forward planning', 'x'].some(isForwardSubject)).toBe(false);
  });

  it.each([
    ['> only a quote'],
    ['-- \nonly a signature'],
    ['Sent from my iPhone'],
    ['On 2 Mar 2026 10:15, Desk <d@x.example> wrote:\n> only history'],
    ['-----Original Message-----\nFrom: a@b.example\nSubject: x\n\nonly history'],
    ['---'],
  ])('shows something of %j', (text) => {
    expect(visible(text)).not.toBe('');
  });

  it('keeps what it cut apart from what it shows, and nothing gets lost', () => {
    const text = 'Yes.\n\nOn 2 Mar 2026 10:15, Desk wrote:\n> Is it on fire?\n';
    expect(splitReplyText(text, { forwarded: false })).toEqual({
      visible: 'Yes.',
      quoted: 'On 2 Mar 2026 10:15, Desk wrote:\n> Is it on fire?',
    });
    expect(splitReplyText('\r\n\r\n', { forwarded: false })).toEqual({ visible: '', quoted: '' });
  });
});
