import { describe, expect, it } from 'vitest';
import { htmlToText, textToHtml } from '#packages/mail/html-text.ts';
import { sanitise } from '#packages/mail/sanitise.ts';

describe('sanitise', () => {
  it.each([
    ['scripts', '<script>alert(1)</script>a'],
    ['handlers', '<p onclick="alert(1)" ONMOUSEOVER=alert(1)>a</p>'],
    [
      'script links',
      '<a href="javascript:alert(1)">a</a><a href=" java\nscript:alert(1)">b</a><a href="data:text/html,x">c</a>',
    ],
    [
      'frames and forms',
      '<iframe src="https://x"></iframe><form action="https://x"><input name=a><button>b</button></form>a',
    ],
    [
      'objects and svg',
      '<object data=x></object><embed src=x><svg><script>alert(1)</script></svg><math><mi></mi></math>a',
    ],
    ['style sheets', '<style>p{background:url(https://track)}</style><link rel=stylesheet href=https://x>a'],
    ['meta and base', '<meta http-equiv=refresh content="0;url=https://x"><base href="https://x">a'],
    [
      'styles that load or cover',
      '<p style="background:url(https://t);position:fixed;top:0;behavior:url(x);width:expression(alert(1))">a</p>',
    ],
    ['images over http', '<img src="http://track/x.gif">a'],
    ['images that are documents', '<img src="data:image/svg+xml;base64,PHN2Zz4="><img src="data:text/html,x">a'],
    ['protocol-relative images', '<img src="//track/x.gif">a'],
    ['broken tags', '<<script>alert(1)//<</script><p <b>a'],
    ['mutations', '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>a'],
    ['comments', '<!--[if mso]><script>alert(1)</script><![endif]-->a'],
  ])('removes %s and keeps the text', (_, html) => {
    const clean = sanitise(html);
    expect(clean).not.toMatch(
      /script|onclick|onerror|onmouse|javascript|<(iframe|form|input|button|object|svg|style|link|meta|base)|url\(|position|expression|track|data:|\/\/x/i,
    );
    expect(clean.replace(/<[^>]*>/g, '')).toContain('a');
  });

  it('keeps what mail is made of', () => {
    expect(sanitise('<table border=1><tr><td colspan="2" style="color:#F00;padding:2px">a</td></tr></table>')).toBe(
      '<table border="1"><tr><td colspan="2" style="color:#F00;padding:2px">a</td></tr></table>',
    );
    expect(
      sanitise(
        '<img src="cid:x" width=10><img src="https://x.example/a.png"><img src="data:image/png;base64,AAAA">',
      ).match(/src="/g),
    ).toHaveLength(3);
    expect(sanitise('<ul><li>a<li>b</ul><pre>c  d</pre>')).toBe('<ul><li>a</li><li>b</li></ul><pre>c  d</pre>');
  });

  it('makes links and images keep the reader to themselves', () => {
    expect(sanitise('<a href="https://x.example" target=_top rel=opener>a</a>')).toBe(
      '<a href="https://x.example" target="_blank" rel="noopener noreferrer nofollow">a</a>',
    );
    expect(sanitise('<img src="https://x.example/a.png">')).toContain('referrerpolicy="no-referrer"');
  });

  it('gives the same for what it made itself', () => {
    const html = '<p>a <b>b</b> &amp; c<br><a href="https://x.example">d</a><img src="cid:e"></p>';
    expect(sanitise(sanitise(html))).toBe(sanitise(html));
  });

  it('cuts to a length without leaving tags open, and says so', () => {
    const clean = sanitise(`<table><tr><td>${'<b>word</b>'.repeat(1000)}</td></tr></table>`, 2000);
    expect(clean.length).toBeLessThanOrEqual(2000);
    expect(clean).toMatch(/<\/b><\/td><\/tr><\/table><p>\[Cut here.*\]<\/p>$/);
  });
});

describe('text and HTML', () => {
  it('turns text into HTML that says the same', () => {
    expect(textToHtml('a <b>\n"c"\n\n\nd & e\n')).toBe('<p>a &lt;b&gt;<br>&quot;c&quot;</p>\n<p>d &amp; e</p>');
    expect(htmlToText(textToHtml('a <b>\nc\n\nd'))).toBe('a <b>\nc\n\nd');
  });

  it('turns HTML into text as a reader would', () => {
    expect(
      htmlToText(
        '<h1>T</h1><p>a&nbsp;<b>b</b> <a href="https://x.example">https://x.example</a></p><ul><li>c</li></ul><blockquote>q</blockquote><img src=x alt=y>',
      ),
    ).toBe('T\n\na b https://x.example\n\n- c\n\n> q');
  });
});
