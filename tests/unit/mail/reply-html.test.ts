import { describe, expect, it } from 'vitest';
import { htmlToText } from '#packages/mail/html-text.ts';
import { visibleHtml } from '#packages/mail/reply-html.ts';

const visible = (html: string, forwarded = false) => htmlToText(visibleHtml(html, { forwarded }));
const quoted = '<div>Is it on fire?</div><div>Desk</div>';

describe('reply HTML', () => {
  it.each([
    [
      'Gmail',
      `<div>Yes.</div><br><div class="gmail_quote"><div class="gmail_attr">בתאריך יום ב׳, Desk:</div><blockquote class="gmail_quote" style="border-left:1px #ccc solid">${quoted}</blockquote></div>`,
    ],
    [
      'Outlook',
      `<p>Yes.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Desk &lt;d@x.example&gt;<br><b>Sent:</b> Monday, March 2, 2026 10:15 AM<br><b>To:</b> Anna<br><b>Subject:</b> Fire</p></div>${quoted}`,
    ],
    [
      'Outlook on the web',
      `<div>Yes.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">מאת Desk</div>${quoted}`,
    ],
    [
      'Apple Mail',
      `Yes.<br><div><br><blockquote type="cite"><div>On 2 Mar 2026, at 10:15, Desk &lt;d@x.example&gt; wrote:</div>${quoted}</blockquote></div>`,
    ],
    [
      'Thunderbird',
      `<p>Yes.</p><div class="moz-cite-prefix">2.3.2026 10:15, Desk:<br></div><blockquote type="cite" cite="mid:x">${quoted}</blockquote>`,
    ],
    ['Yahoo', `<div>Yes.</div><div class="yahoo_quoted"><div>Desk sagte</div><blockquote>${quoted}</blockquote></div>`],
    [
      'Proton',
      `<div>Yes.</div><div class="protonmail_quote">On Monday Desk wrote:<blockquote type="cite">${quoted}</blockquote></div>`,
    ],
    [
      'an iPhone',
      `Yes.<br><br><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><blockquote type="cite">On 2 Mar 2026, at 10:15, Desk wrote:<br>${quoted}</blockquote></div>`,
    ],
  ])('ends before the history of %s', (_, html) => {
    expect(visible(html)).toBe('Yes.');
  });

  it('keeps the answers between quotes, and quotes of the author', () => {
    const html =
      '<div>On 2 Mar 2026 at 10:15 d@x.example wrote:</div><blockquote>Fire?</blockquote><p>Yes.</p><blockquote>Called?</blockquote><p>No.</p>';
    expect(visible(html).replace(/\s+/g, ' ')).toBe('> Fire? Yes. > Called? No.');
    expect(
      visible('<p>It says</p><blockquote style="margin-left:40px;border:none">no paper</blockquote><p>but it has</p>'),
    ).toContain('no paper');
  });

  it('leaves formatting and images of the answer alone', () => {
    const answer = '<p><b>Yes</b> <img src="cid:shot"></p>';
    expect(
      visibleHtml(`${answer}<div>On 2 Mar 2026 at 10:15 d@x.example wrote:</div><blockquote>x</blockquote>`, {
        forwarded: false,
      }),
    ).toBe(answer);
    expect(visibleHtml('<img src="cid:shot"><blockquote>x</blockquote>', { forwarded: false })).toBe(
      '<img src="cid:shot">',
    );
  });

  it('leaves forwarded messages whole', () => {
    const html = `<p>Please handle</p><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: Anna &lt;a@b.example&gt;<br>Subject: x</div>It burns</div>`;
    expect(visible(html)).toContain('It burns');
    expect(
      visible(
        `<p>FYI</p><div id="divRplyFwdMsg"><b>From:</b> Anna &lt;a@b.example&gt;<br><b>Subject:</b> x</div>It burns`,
        true,
      ),
    ).toContain('It burns');
  });

  it.each([
    ['<blockquote>only a quote</blockquote>'],
    ['<div class="yahoo_quoted">only history</div>'],
    ['<div class="gmail_attr">On Monday:</div><blockquote>only a quote</blockquote>'],
  ])('shows something of %s', (html) => {
    expect(visible(html)).toContain('only');
  });

  it('is not confused by hidden or broken markup', () => {
    expect(visible('<head><title>t</title><style>blockquote{}</style></head><body>Yes<!-- <blockquote> -->')).toBe(
      'Yes',
    );
    expect(visible('<p>a <b>b<blockquote>c')).toContain('a b');
  });
});
