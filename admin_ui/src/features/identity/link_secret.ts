/**
 * What stands behind the # of a link in a mail: browsers send it to nobody, so it is in no log. Null
 * where a mail program cut the link.
 */
export function secretOf(hash: string): string | null {
  const secret = hash.replace(/^#/, "").trim();
  return /^[\w-]{20,200}$/.test(secret) ? secret : null;
}

let kept: { path: string; secret: string | null } | null = null;

/** Read once and taken out of the address bar: it must not stay in a history or a screenshot. */
export function takeSecret(): string | null {
  const path = window.location.pathname;
  const secret = secretOf(window.location.hash);
  if (secret === null) return kept?.path === path ? kept.secret : null;
  kept = { path, secret };
  window.history.replaceState(window.history.state, "", path);
  return secret;
}
