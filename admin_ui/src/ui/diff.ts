export type DiffPiece = { kind: "same" | "removed" | "added"; text: string };

// A message has at most 1,600 characters; the quadratic table then stays under half a million cells.
const WORDS = /\{\{.*?\}\}|[\p{L}\p{N}_]+|\s+|[^\s\p{L}\p{N}_]/gu;

function words(text: string): string[] {
  return text.match(WORDS) ?? [];
}

/** Longest common subsequence, lengths[i][j] for the rests from i and j. */
function commonLengths(before: string[], after: string[]): Uint16Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const row = rows[i] as Uint16Array;
      const below = rows[i + 1] as Uint16Array;
      row[j] =
        before[i] === after[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return rows;
}

function append(pieces: DiffPiece[], kind: DiffPiece["kind"], text: string): void {
  const last = pieces.at(-1);
  if (last?.kind === kind) last.text += text;
  else pieces.push({ kind, text });
}

/** Word by word; a Liquid expression is one word, so a renamed field is seen as a whole. */
export function diffWords(before: string, after: string): DiffPiece[] {
  const a = words(before);
  const b = words(after);
  const lengths = commonLengths(a, b);
  const pieces: DiffPiece[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      append(pieces, "same", a[i] ?? "");
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && at(lengths, i + 1, j) >= at(lengths, i, j + 1))) {
      append(pieces, "removed", a[i] ?? "");
      i += 1;
    } else {
      append(pieces, "added", b[j] ?? "");
      j += 1;
    }
  }
  return joinOverSpaces(pieces);
}

function at(lengths: Uint16Array[], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0;
}

/** A lone space kept between two changed runs splits a phrase into confetti; it joins them. */
function joinOverSpaces(pieces: DiffPiece[]): DiffPiece[] {
  const joined: DiffPiece[] = [];
  let gone = "";
  let come = "";
  function flush() {
    if (gone !== "") joined.push({ kind: "removed", text: gone });
    if (come !== "") joined.push({ kind: "added", text: come });
    gone = "";
    come = "";
  }
  pieces.forEach((piece, index) => {
    const next = pieces[index + 1];
    const changing = gone !== "" || come !== "";
    if (piece.kind === "removed") gone += piece.text;
    else if (piece.kind === "added") come += piece.text;
    else if (changing && next !== undefined && piece.text.trim() === "") {
      gone += piece.text;
      come += piece.text;
    } else {
      flush();
      joined.push(piece);
    }
  });
  flush();
  return joined;
}
