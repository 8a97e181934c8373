/** The API counts code points, as Python does; the browser counts UTF-16 units. */
export function utf16Index(text: string, codePoints: number): number {
  let index = 0;
  let left = codePoints;
  for (const character of text) {
    if (left <= 0) break;
    index += character.length;
    left -= 1;
  }
  return index;
}

export function codePointIndex(text: string, utf16: number): number {
  return Array.from(text.slice(0, utf16)).length;
}

export type Span = { from: number; to: number };

export type Piece<S extends Span> = { text: string; from: number; span: S | null };

/** The text cut at the spans; of two that overlap the later one keeps what is left of it. */
export function cutAtSpans<S extends Span>(text: string, spans: readonly S[]): Piece<S>[] {
  const pieces: Piece<S>[] = [];
  let at = 0;
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const from = Math.max(at, Math.min(span.from, text.length));
    const to = Math.min(span.to, text.length);
    if (to <= from) continue;
    if (from > at) pieces.push({ text: text.slice(at, from), from: at, span: null });
    pieces.push({ text: text.slice(from, to), from, span });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), from: at, span: null });
  return pieces;
}
