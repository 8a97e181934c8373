/**
 * The instant local counter of the composer. The API counts what is billed; this one only has to
 * agree with it, which the shared vectors in tests/sms/segment_vectors.json prove.
 * Source of the alphabet: 3GPP TS 23.038 §6.2.1 (default alphabet and extension table).
 */

const GSM_BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ" +
  "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
// Each of these is an escape and a second septet, hence it counts two.
const GSM_EXTENSION = "\f^{}\\[~]|€";

const BASIC = new Set(GSM_BASIC);
const EXTENSION = new Set(GSM_EXTENSION);

const GSM_SINGLE_SEPTETS = 160;
const GSM_PART_SEPTETS = 153;
const UCS2_SINGLE_UNITS = 70;
const UCS2_PART_UNITS = 67;

/** What people paste from a word processor, and the GSM-7 character that reads the same. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  "’": "'",
  "‘": "'",
  "‚": "'",
  "“": '"',
  "”": '"',
  "„": '"',
  "«": '"',
  "»": '"',
  "–": "-",
  "—": "-",
  "‑": "-",
  "…": "...",
  "\u00a0": " ",
  "\u202f": " ",
  "\u2009": " ",
  "•": "-",
  "`": "'",
  "\t": " ",
};

export type Encoding = "gsm7" | "ucs2";

export type Offender = {
  character: string;
  /** Index in UTF-16 units, as textarea selections count. */
  at: number;
  replacement: string | null;
};

export type SegmentCount = {
  encoding: Encoding;
  segments: number;
  /** Septets (GSM-7) or UTF-16 units (UCS-2). */
  units: number;
  /** Units that fit in the parts already begun, as "141 of 160". */
  capacity: number;
  /** Characters that force UCS-2, in order, each with what could replace it. */
  offenders: Offender[];
};

function septets(character: string): number {
  return EXTENSION.has(character) ? 2 : 1;
}

/** Fills parts in order; a pair (escape + septet, surrogates) moves whole into the next part. */
function partsNeeded(sizes: readonly number[], partSize: number): number {
  let parts = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > partSize) {
      parts += 1;
      used = 0;
    }
    used += size;
  }
  return parts;
}

function offendersOf(text: string): Offender[] {
  const offenders: Offender[] = [];
  let at = 0;
  for (const character of text) {
    if (!BASIC.has(character) && !EXTENSION.has(character)) {
      offenders.push({ character, at, replacement: REPLACEMENTS[character] ?? null });
    }
    at += character.length;
  }
  return offenders;
}

export function countSegments(text: string): SegmentCount {
  const offenders = offendersOf(text);
  const encoding: Encoding = offenders.length === 0 ? "gsm7" : "ucs2";
  const sizes = Array.from(text, (c) => (encoding === "gsm7" ? septets(c) : c.length));
  const units = sizes.reduce((sum, size) => sum + size, 0);
  const single = encoding === "gsm7" ? GSM_SINGLE_SEPTETS : UCS2_SINGLE_UNITS;
  const part = encoding === "gsm7" ? GSM_PART_SEPTETS : UCS2_PART_UNITS;
  if (text === "") return { encoding, segments: 0, units, capacity: single, offenders };
  const segments = units <= single ? 1 : partsNeeded(sizes, part);
  return {
    encoding,
    segments,
    units,
    capacity: segments === 1 ? single : segments * part,
    offenders,
  };
}

/** The same text with every replaceable offender replaced. */
export function toGsm7(text: string): string {
  return Array.from(text, (c) => (BASIC.has(c) ? c : (REPLACEMENTS[c] ?? c))).join("");
}
