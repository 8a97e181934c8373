type Part = { at: number; text: string; isLink: boolean };

/** A plain text with its web addresses apart; nothing else becomes a link. */
export function linkedParts(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const found of text.matchAll(/https?:\/\/[^\s<>"]+/g)) {
    if (found.index > at) parts.push({ at, text: text.slice(at, found.index), isLink: false });
    parts.push({ at: found.index, text: found[0], isLink: true });
    at = found.index + found[0].length;
  }
  if (at < text.length) parts.push({ at, text: text.slice(at), isLink: false });
  return parts;
}
