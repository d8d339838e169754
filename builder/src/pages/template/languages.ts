/** The languages of a template for CodeMirror: Liquid over HTML, MJML or plain text, and JSON. */
import type { Completion } from '@codemirror/autocomplete';
import { html } from '@codemirror/lang-html';
import { json } from '@codemirror/lang-json';
import { liquid } from '@codemirror/lang-liquid';
import { HighlightStyle, LanguageSupport, StreamLanguage } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { tags } from '@lezer/highlight';
import { type Known, type KnownPaths, VARIABLES } from './known';
import { MJML_TAGS } from './mjml-tags';

export type Language = 'html' | 'mjml' | 'text' | 'json';

const plain = new LanguageSupport(
  StreamLanguage.define({
    name: 'plain',
    token: (stream) => {
      stream.skipToEnd();
      return null;
    },
  }),
);

const bases: Record<Exclude<Language, 'json'>, () => LanguageSupport> = {
  html: () => html(),
  mjml: () => html({ extraTags: MJML_TAGS, selfClosingTags: true }),
  text: () => plain,
};

/** Filters that Liquid has beyond those that the editor knows. */
const FILTERS: Completion[] = [{ label: 'safe', type: 'function', detail: 'not escaped' }];

/** `known` is asked each time, so that what is learnt later is offered without a new editor. */
export function language(name: Language, known: () => KnownPaths): Extension {
  if (name === 'json') return json();
  return liquid({
    base: bases[name](),
    filters: FILTERS,
    variables: VARIABLES.map(offer('variable')),
    properties: (path) => (known()[path.join('.')] ?? []).map(offer('property')),
  });
}

const offer =
  (type: string) =>
  ({ name, detail }: Known): Completion => ({ label: name, detail, type });

/** Colours of the theme that read well in both schemes. */
export const colours = HighlightStyle.define([
  { tag: [tags.tagName, tags.keyword], color: 'var(--code-tag)' },
  { tag: [tags.attributeName, tags.propertyName], color: 'var(--code-name)' },
  { tag: [tags.string, tags.attributeValue], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  {
    tag: [tags.variableName, tags.special(tags.variableName)],
    color: 'var(--code-variable)',
  },
  {
    tag: [tags.comment, tags.angleBracket, tags.bracket, tags.brace],
    color: 'var(--code-quiet)',
  },
  { tag: tags.invalid, color: 'var(--mantine-color-error)' },
]);
