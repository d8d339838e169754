/** MJML's tags with their commonest attributes, for completion in the HTML language. */
interface Tag {
  attrs?: Record<string, null>;
  children?: readonly string[];
}

const attrs = (...names: string[]): Record<string, null> =>
  Object.fromEntries(names.map((name) => [name, null]));

const BOX = ['padding', 'background-color', 'css-class'];
const TYPE = ['align', 'color', 'font-family', 'font-size', 'font-weight', 'line-height'];

export const MJML_TAGS: Record<string, Tag> = {
  mjml: { children: ['mj-head', 'mj-body'] },
  'mj-head': {
    children: ['mj-title', 'mj-preview', 'mj-attributes', 'mj-style', 'mj-font', 'mj-breakpoint'],
  },
  'mj-title': {},
  'mj-preview': {},
  'mj-attributes': { children: ['mj-all', 'mj-class', 'mj-text', 'mj-button', 'mj-section'] },
  'mj-all': { attrs: attrs(...TYPE) },
  'mj-class': { attrs: attrs('name', ...TYPE) },
  'mj-style': { attrs: attrs('inline') },
  'mj-font': { attrs: attrs('name', 'href') },
  'mj-breakpoint': { attrs: attrs('width') },
  'mj-body': {
    attrs: attrs('background-color', 'width'),
    children: ['mj-section', 'mj-wrapper', 'mj-hero', 'mj-raw'],
  },
  'mj-wrapper': { attrs: attrs(...BOX), children: ['mj-section', 'mj-hero'] },
  'mj-section': {
    attrs: attrs(...BOX, 'background-url', 'full-width', 'text-align'),
    children: ['mj-column', 'mj-group'],
  },
  'mj-group': { attrs: attrs('width'), children: ['mj-column'] },
  'mj-column': {
    attrs: attrs(...BOX, 'width', 'vertical-align'),
    children: [
      'mj-text',
      'mj-button',
      'mj-image',
      'mj-divider',
      'mj-spacer',
      'mj-social',
      'mj-table',
      'mj-raw',
    ],
  },
  'mj-hero': { attrs: attrs(...BOX, 'background-url', 'height', 'mode') },
  'mj-text': { attrs: attrs(...BOX, ...TYPE) },
  'mj-button': { attrs: attrs('href', ...BOX, ...TYPE, 'border-radius', 'inner-padding', 'width') },
  'mj-image': { attrs: attrs('src', 'alt', 'href', 'width', 'height', 'align', 'padding') },
  'mj-divider': { attrs: attrs('border-color', 'border-width', 'border-style', 'padding') },
  'mj-spacer': { attrs: attrs('height') },
  'mj-social': { attrs: attrs('mode', 'icon-size'), children: ['mj-social-element'] },
  'mj-social-element': { attrs: attrs('name', 'href', 'src') },
  'mj-table': { attrs: attrs(...BOX, ...TYPE) },
  'mj-raw': {},
};
