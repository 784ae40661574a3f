import { describe, expect, it } from 'vitest';
import { html } from '#packages/http/html.ts';

describe('html', () => {
  it('escapes every value', () => {
    const name = `<script>"&'</script>`;
    expect(html`<a title="${name}">${name}</a>`.text).toBe(
      '<a title="&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;">&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;</a>',
    );
  });

  it('takes its own results as they are, also in lists', () => {
    expect(html`<ul>${['a', '<b>'].map((text) => html`<li>${text}</li>`)}</ul>`.text).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li></ul>',
    );
  });

  it('gives nothing for what is not there', () => {
    expect(html`${null}${undefined}${false}${true}${0}${7n}`.text).toBe('07');
  });
});
