import { describe, expect, test } from 'vitest';
import type { SettingKind } from '#contracts/settings.ts';
import { setting } from '#packages/domain/setting.ts';
import { renderTemplate, templateFaults } from '#packages/domain/template.ts';
import { escapeHtml } from '#packages/kernel/escape-html.ts';
import { catalogue, savedField } from '#tests/support/catalogue.ts';
import { given } from '#tests/support/given.ts';
import { settingsOf } from '#tests/support/settings.ts';

const settings = settingsOf(...catalogue, savedField('asset'));
const values: Record<string, string> = {
  'requester.name': 'Anna <b>',
  'ticket.number': '7',
  'agent.name': '{{ticket.number}}',
};
const value = (name: string) => values[name] ?? '';
const saving = (kind: SettingKind, content: unknown) =>
  given(setting).when({ type: 'SaveSetting', data: { kind, id: 'one', value: content } }, { settings });

describe('a template', () => {
  test('puts values in, and the other text where there is none', () => {
    expect(
      renderTemplate('Hi {{ requester.name }}, #{{ticket.number}} {{company.name | your firm}}{{x}}!', value),
    ).toBe('Hi Anna <b>, #7 your firm!');
  });

  test('escapes values and reads none of them again', () => {
    expect(renderTemplate('<p>{{requester.name}} {{agent.name}}</p>', value, escapeHtml)).toBe(
      '<p>Anna &lt;b&gt; {{ticket.number}}</p>',
    );
  });

  test('knows its variables and nothing else', () => {
    const knows = (name: string) => name === 'a.b';
    expect(templateFaults('{{a.b}} {{a.b|x}} { } text', knows)).toEqual([]);
    for (const wrong of ['{{a.c}}', '{{}}', '{{a.b', 'a.b}}', '{{a.b | {{a.b}} }}', '{{constructor}}', '{{a.b()}}'])
      expect([wrong, templateFaults(wrong, knows).length > 0]).toEqual([wrong, true]);
  });
});

describe('canned replies and macros', () => {
  test('are saved when all they name exists', () => {
    const reply = { name: 'Greeting', text: 'Hi {{requester.name | there}}, {{field.asset}}', language: 'de' };
    saving('canned-reply', reply).thenEvents({
      type: 'SettingSaved',
      data: { kind: 'canned-reply', id: 'one', value: reply },
    });
    const actions = [
      { do: 'reply', text: 'Hi {{agent.name}}' },
      { do: 'tags', add: ['vip'] },
      { do: 'service', to: 'toner' },
      { do: 'fields', fields: { asset: 'x' } },
    ];
    const macro = { name: 'All', actions };
    saving('macro', macro).thenEvents({ type: 'SettingSaved', data: { kind: 'macro', id: 'one', value: macro } });
  });

  test('are refused with a pointer at each fault', () => {
    const reply = { name: 'x', text: '{{requester.nome}}', html: '{{field.colour}}', language: '12' };
    const pointers = ['/value/text', '/value/html', '/value/language'];
    saving('canned-reply', reply).thenRejects('SETTING_INVALID', { pointers });
    const actions = [
      { do: 'note', text: '{{oops}}' },
      { do: 'tags', add: ['<'] },
      { do: 'service', to: 'nothing' },
      { do: 'type', to: 'nothing' },
      { do: 'fields', fields: { colour: 1 } },
      { do: 'priority', to: 'high' },
      { do: 'priority', to: 'low' },
    ];
    saving('macro', { name: 'x', actions }).thenRejects('SETTING_INVALID', {
      pointers: [
        '/value/actions/0/text',
        '/value/actions/1/add/0',
        '/value/actions/2/to',
        '/value/actions/3/to',
        '/value/actions/4/fields/colour',
        '/value/actions/6/do',
      ],
    });
    saving('macro', { name: 'x', actions: [] }).thenRejects('SETTING_INVALID', { pointers: ['/value/actions'] });
  });
});
