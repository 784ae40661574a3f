import {
  ChangeEmailsBody,
  ChangePhonesBody,
  LoginBody,
  NotesBody,
  PersonCompanyBody,
  PersonLanguageBody,
  RenamePersonBody,
} from '#contracts/api/people.ts';
import { phoneNumber, phoneOf } from '#packages/domain/person/phone.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { CommandApiDeps } from '../deps.ts';
import { registerDirectoryChange } from '../directory-change.ts';
import { addressOf, companyOf } from '../facts.ts';

const kind = 'people';

/** What is known of a person, one thing at a time. */
export function registerPersonChanges(app: HttpServer, deps: CommandApiDeps): void {
  const { people } = deps.directory;

  registerDirectoryChange(app, deps, {
    kind,
    method: 'PUT',
    path: '/name',
    commands: ['RenamePerson'],
    summary: 'Change the name of a person',
    body: RenamePersonBody,
    change: ({ id, body, context }) =>
      people.changePerson(id, { type: 'RenamePerson', data: { name: body.name.trim() } }, context),
  });

  registerDirectoryChange(app, deps, {
    kind,
    method: 'POST',
    path: '/emails',
    commands: ['ChangeEmails', 'ClaimAddress', 'ReleaseAddress'],
    summary: 'Add and remove mail addresses of a person, and choose the main one',
    description:
      'Mail from an address is theirs from then on. An address of somebody else is refused; `id` tells whose it is. What ' +
      'was removed is nobody’s, and mail from it makes somebody new.',
    body: ChangeEmailsBody,
    refusals: ['EMAIL_TAKEN', 'EMAIL_NOT_HELD', 'TOO_MANY_EMAILS'],
    change: ({ id, body: { add = [], main, remove = [] }, context }) => {
      const read = (list: readonly string[], name: string) =>
        list.map((text, index) => addressOf(text, `/${name}/${index}`));
      const chosen = main === undefined ? {} : { main: addressOf(main, '/main') };
      return people.changeEmails(id, { add: read(add, 'add'), remove: read(remove, 'remove'), ...chosen }, context);
    },
  });

  registerDirectoryChange(app, deps, {
    kind,
    method: 'POST',
    path: '/phones',
    commands: ['ChangePhones'],
    summary: 'Add and remove telephone numbers of a person',
    description: 'As they are written; two ways to write one number are one number.',
    body: ChangePhonesBody,
    refusals: ['PHONE_INVALID', 'TOO_MANY_PHONES'],
    change: ({ id, body: { add = [], remove = [] }, context }) => {
      const data = {
        add: add.map((text, index) => phoneOf(text, `/add/${index}`)),
        remove: remove.flatMap((text) => phoneNumber(text) ?? []),
      };
      return people.changePerson(id, { type: 'ChangePhones', data }, context);
    },
  });

  registerDirectoryChange(app, deps, {
    kind,
    method: 'PUT',
    path: '/company',
    commands: ['ChangePersonCompany'],
    summary: 'Change the company of a person',
    description: 'Their tickets stay with the company that they were opened for.',
    body: PersonCompanyBody,
    refusals: ['UNKNOWN_COMPANY'],
    change: async ({ id, body: { companyId }, context }) => {
      const data = { companyId: companyId === null ? null : (await companyOf(deps.store, companyId, '/companyId')).id };
      return people.changePerson(id, { type: 'ChangePersonCompany', data }, context);
    },
  });

  registerDirectoryChange(app, deps, {
    kind,
    method: 'PUT',
    path: '/notes',
    commands: ['ChangePersonNotes'],
    summary: 'Write notes about a person',
    description: 'Plain text for agents. Customers never see it.',
    body: NotesBody,
    change: ({ id, body, context }) => people.changePerson(id, { type: 'ChangePersonNotes', data: body }, context),
  });

  registerDirectoryChange(app, deps, {
    kind,
    method: 'PUT',
    path: '/language',
    commands: ['ChangePersonLanguage'],
    summary: 'Change the language of a person',
    description: 'A tag of BCP 47, kept in its canonical form.',
    body: PersonLanguageBody,
    refusals: ['LANGUAGE_INVALID'],
    change: ({ id, body, context }) => people.changePerson(id, { type: 'ChangePersonLanguage', data: body }, context),
  });

  registerDirectoryChange(app, deps, {
    kind,
    method: 'PUT',
    path: '/login',
    commands: ['ChangeLogin'],
    summary: 'Change the login name of a person',
    description: 'People are found by it when they are mentioned. Nobody signs in with it.',
    body: LoginBody,
    refusals: ['LOGIN_TAKEN'],
    change: ({ id, body, context }) => people.changeLogin(id, body.login, context),
  });
}
