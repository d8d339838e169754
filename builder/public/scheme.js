// Sets the colour scheme before anything is painted. A file and not inline: the content security
// policy allows no inline scripts.
(() => {
  let chosen = 'auto';
  try {
    chosen = localStorage.getItem('sojourn-colour-scheme') ?? 'auto';
  } catch {
    // Storage is closed to us: the system's choice it is.
  }
  const dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
