import { statuses } from '#contracts/primitives.ts';
import type { CannedReply, Macro, MacroAction } from '#contracts/settings-replies.ts';
import { type FieldError, isAppError } from '#packages/kernel/errors.ts';
import type { SettingsLookup } from './settings.ts';
import { templateFaults, templateVariables } from './template.ts';
import { readLanguage } from './ticket/attributes.ts';
import { normaliseTag } from './ticket/labels.ts';

/** What is wrong with a canned reply that has the right form. */
export const cannedReplyFaults = (reply: CannedReply, settings: SettingsLookup): FieldError[] => [
  ...textFaults(reply, '/value', settings),
  ...languageFaults(reply.language),
];

/** The same of a macro: what its actions name has to exist, and none of them may contradict another. */
export const macroFaults = ({ actions }: Macro, settings: SettingsLookup): FieldError[] =>
  actions.flatMap((action, index) => {
    const pointer = `/value/actions/${index}`;
    const again = action.do !== 'note' && actions.findIndex((other) => other.do === action.do) < index;
    const faults = again ? [{ pointer: `${pointer}/do`, detail: 'is done by an action before' }] : [];
    return [...faults, ...actionFaults(action, pointer, settings)];
  });

function actionFaults(action: MacroAction, pointer: string, settings: SettingsLookup): FieldError[] {
  switch (action.do) {
    case 'reply':
    case 'note':
      return textFaults(action, pointer, settings);
    case 'tags':
      return tagFaults(action, pointer);
    case 'fields':
      return unknownFields(Object.keys(action.fields), pointer, settings);
    case 'type':
      return named('ticket-type', action.to, pointer, settings);
    case 'service':
      return named('service', action.to, pointer, settings);
    case 'status':
      return statusFaults(action.to, pointer, settings);
    case 'priority':
    case 'assign':
    case 'due-date':
      return [];
    default:
      return action satisfies never;
  }
}

type Texts = { readonly text: string; readonly html?: string };

function textFaults({ html, text }: Texts, pointer: string, settings: SettingsLookup): FieldError[] {
  const knows = (name: string): boolean =>
    templateVariables.some((variable) => variable === name) ||
    (name.startsWith('field.') && settings.current('field', name.slice('field.'.length)) !== null);
  const faults = (member: 'text' | 'html', template = '') =>
    templateFaults(template, knows).map((detail) => ({ pointer: `${pointer}/${member}`, detail }));
  return [...faults('text', text), ...faults('html', html)];
}

function tagFaults(tags: { readonly add?: readonly string[]; readonly remove?: readonly string[] }, pointer: string) {
  return (['add', 'remove'] as const).flatMap((member) =>
    (tags[member] ?? []).flatMap((tag, index): FieldError[] =>
      normaliseTag(tag) === null ? [{ pointer: `${pointer}/${member}/${index}`, detail: 'cannot be a tag' }] : [],
    ),
  );
}

const unknownFields = (ids: readonly string[], pointer: string, settings: SettingsLookup): FieldError[] =>
  ids
    .filter((id) => settings.current('field', id) === null)
    .map((id) => ({ pointer: `${pointer}/fields/${id}`, detail: 'names no field' }));

const named = (kind: 'ticket-type' | 'service', id: string | null, pointer: string, settings: SettingsLookup) =>
  id !== null && settings.current(kind, id) === null ? [{ pointer: `${pointer}/to`, detail: `names no ${kind}` }] : [];

const statusFaults = (to: string, pointer: string, settings: SettingsLookup): FieldError[] =>
  statuses.some((status) => status === to) || settings.current('status', to) !== null
    ? []
    : [{ pointer: `${pointer}/to`, detail: 'names no category and no custom status in force' }];

function languageFaults(language: string | undefined): FieldError[] {
  if (language === undefined) return [];
  try {
    readLanguage(language, '/value/language');
    return [];
  } catch (error) {
    if (!isAppError(error)) throw error;
    return [...error.fields];
  }
}
