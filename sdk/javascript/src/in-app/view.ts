import { safeLink } from './rules';
import { STYLE } from './style';
import type { InAppOptions, Render } from './types';

/** Shows messages in dialogs of a shadow root. Texts stay texts: nothing of a message becomes markup. */
export function dialogs(options: InAppOptions): Render {
  return (message, actions) => {
    const host = document.createElement('div');
    const root = host.attachShadow({ mode: 'open' });
    // A sheet made by script is no inline style, which a page's security policy may forbid.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const banner = message.layout === 'banner';
    const layout = banner || message.layout === 'fullscreen' ? message.layout : 'modal';
    const box = element(banner ? 'div' : 'dialog', {
      className: `m ${layout}`,
      role: 'dialog',
      dir: 'auto',
      ariaLabel: message.title || message.body || 'Message',
    });
    /** A link where it can be followed, else another element. */
    const linked = (link: string | null | undefined, otherwise: string, more: object) => {
      const href = safeLink(link, options.linkSchemes, location.href);
      return element(href ? 'a' : otherwise, href ? { href, ...more } : more);
    };

    const content = linked(message.link, 'div', { className: 'c' });
    if (content instanceof HTMLAnchorElement) content.onclick = () => actions.clicked();
    const image = safeLink(message.image);
    if (image?.startsWith('https:')) content.append(element('img', { src: image, alt: '' }));
    if (message.title) content.append(element('h2', { textContent: message.title }));
    if (message.body) content.append(element('p', { textContent: message.body }));

    const buttons = element('div', { className: 'b' });
    message.buttons?.forEach(({ label, link }, index) => {
      const onclick = () => actions.clicked(index);
      buttons.append(linked(link, 'button', { textContent: label, onclick }));
    });
    box.append(
      content,
      buttons,
      element('button', {
        className: 'x',
        ariaLabel: options.closeLabel ?? 'Close',
        textContent: '×',
        onclick: actions.dismissed,
      }),
    );

    const escaped = (event: Event) => {
      event.preventDefault();
      actions.dismissed();
    };
    root.append(box);
    document.body.append(host);
    if (banner) {
      box.ariaLive = 'polite';
      box.onkeydown = (event) => event.key === 'Escape' && escaped(event);
    } else {
      box.oncancel = escaped;
      // The browser keeps the focus inside, the page inert, and gives the focus back at the end.
      (box as HTMLDialogElement).showModal();
    }
    return () => {
      (box as Partial<HTMLDialogElement>).close?.();
      host.remove();
    };
  };
}

const element = (tag: string, properties: object): HTMLElement =>
  Object.assign(document.createElement(tag), properties);
