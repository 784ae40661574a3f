import { type Static, Type } from 'typebox';
import { Nullable, Slug } from '../primitives.ts';
import { Form, fieldTypes } from '../settings-fields.ts';

const text = { id: Slug, name: Type.String(), description: Nullable(Type.String()) };
const applies = Nullable(Type.Array(Slug, { description: 'null: any' }));

/** What a ticket can be opened with by whoever asks: nothing that is out of use, for customers nothing hidden. */
export const Catalogue = Type.Object(
  {
    types: Type.Array(Type.Object(text, { title: 'CatalogueType' })),
    services: Type.Array(Type.Object({ ...text, parentId: Nullable(Slug) }, { title: 'CatalogueService' }), {
      description: 'a tree by parentId, in order of name',
    }),
    fields: Type.Array(
      Type.Object(
        {
          ...text,
          type: Type.String({ enum: [...fieldTypes] }),
          required: Type.Boolean(),
          editable: Type.Boolean({ description: 'by you' }),
          options: Nullable(Type.Array(Type.Object({ id: Slug, name: Type.String() }, { title: 'FieldOption' }))),
          min: Nullable(Type.Number()),
          max: Nullable(Type.Number()),
          mask: Nullable(Type.String({ description: '# stands for a digit, A for a letter, * for either' })),
          services: applies,
          types: applies,
          mailboxes: applies,
        },
        { title: 'CatalogueField' },
      ),
    ),
    forms: Type.Array(
      Type.Object(
        { ...text, fields: Form.properties.fields, serviceId: Nullable(Slug), typeId: Nullable(Slug) },
        { title: 'CatalogueForm' },
      ),
    ),
  },
  { title: 'Catalogue' },
);
export type Catalogue = Static<typeof Catalogue>;
