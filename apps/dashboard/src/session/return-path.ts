/** The address of the sign-in page that leads back to `path` afterwards. */
export function signInPath(path: string): string {
  return path === '/' || path === '' ? '/sign-in' : `/sign-in?back=${encodeURIComponent(path)}`;
}

/** Where to go after signing in: the `back` parameter when it is a path of this page, never another site. */
export function returnPath(search: URLSearchParams): string {
  const back = search.get('back') ?? '';
  const own = /^\/(?![/\\])/.test(back) && !back.startsWith('/sign-in');
  return own ? back : '/';
}
