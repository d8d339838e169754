/** The dialogs' looks. Pages change them by the custom properties, which reach into a shadow root. */
export const STYLE = `
:host{all:initial;color-scheme:light dark}
*{box-sizing:border-box;margin:0}
.m{font:16px/1.4 var(--sojourn-font,system-ui);color:var(--sojourn-text,CanvasText);
background:var(--sojourn-background,Canvas);border:0;padding:20px;overflow:auto;
box-shadow:0 8px 40px #0006;border-radius:var(--sojourn-radius,12px)}
.modal{margin:auto;max-width:min(440px,90vw);max-height:90vh}
.fullscreen{width:100vw;height:100vh;max-width:none;max-height:none;border-radius:0}
.fullscreen>*{max-width:640px;margin:16px auto}
.banner{position:fixed;z-index:2147483647;inset:auto 16px 16px;margin:auto;max-width:640px;max-height:50vh}
::backdrop{background:#0008}
.c{display:block;color:inherit;text-decoration:none;padding-inline-end:32px}
img{display:block;max-width:100%;max-height:40vh;margin:auto}
p{white-space:pre-line;overflow-wrap:anywhere}
.b{display:flex;flex-wrap:wrap;gap:8px}
.b>*{margin-top:16px;font:inherit;padding:10px 18px;border:0;border-radius:8px;cursor:pointer;text-decoration:none;
background:var(--sojourn-accent,#1f4fd8);color:var(--sojourn-on-accent,#fff)}
.x{position:absolute;top:0;inset-inline-end:0;margin:0;width:44px;height:44px;border:0;background:0;
color:inherit;font:24px system-ui;cursor:pointer}
:focus-visible{outline:3px solid;outline-offset:-3px}
@media(prefers-reduced-motion:no-preference){.m{animation:i .2s}@keyframes i{from{opacity:0}}}`;
