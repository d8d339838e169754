/** Where to go after signing in: a path of this app, whatever the address says. */
export function insidePath(wish: string | null): string {
  if (wish === null || !wish.startsWith('/') || /^\/[/\\]/.test(wish)) return '/';
  return wish.startsWith('/sign-in') ? '/' : wish;
}
