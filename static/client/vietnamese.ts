/** Vietnamese text as data; the twin of app/vietnamese.py. Both run tests/vectors/vietnamese.json. Pure. */

// With the u flag a surrogate of a pair never matches alone; Safari before 16.4 cannot read a look-behind.
const UNSTORABLE = /[\0\ud800-\udfff]/gu;
const LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";
const TONES = "\u0300\u0309\u0303\u0301\u0323";
const SPACES = /[\s\u0085\u001c-\u001f]+/g;

/** Text as it is stored: NFC, line ends as \n, outer white space gone, what no database takes as U+FFFD. */
export function clean(text: string): string {
  const lines = text.replace(UNSTORABLE, "\ufffd").replace(/\r\n?/g, "\n");
  return lines.normalize("NFC").replace(/^[\s\u0085\u001c-\u001f]+|[\s\u0085\u001c-\u001f]+$/g, "");
}

/** False when text holds NUL or a lone surrogate. */
export function isStorable(text: string): boolean {
  UNSTORABLE.lastIndex = 0;
  return !UNSTORABLE.test(text);
}

/** The search key: lower case, no marks, đ as d, single spaces. */
export function fold(text: string): string {
  const plain = text.replace(UNSTORABLE, " ").toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  return plain.replace(/đ/g, "d").replace(SPACES, " ").trim();
}

function sortKey(text: string): [number[], number[]] {
  const letters: number[] = [];
  const tones: number[] = [];
  for (const char of text.toLowerCase().normalize("NFC")) {
    const marks = [...char.normalize("NFD")];
    const tone = marks.find((mark) => TONES.includes(mark));
    const base = marks.filter((mark) => !TONES.includes(mark)).join("").normalize("NFC");
    const place = LETTERS.indexOf(base);
    letters.push(place >= 0 ? place + 1 : base === " " ? 0 : 100 + base.codePointAt(0)!);
    tones.push(tone ? TONES.indexOf(tone) + 1 : 0);
  }
  return [letters, tones];
}

function compareLists(a: number[], b: number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** Dictionary order: letters first, tones only between equal letters. */
export function compareWords(a: string, b: string): number {
  const [letters, tones] = sortKey(a);
  const [otherLetters, otherTones] = sortKey(b);
  return compareLists(letters, otherLetters) || compareLists(tones, otherTones);
}

/** How people are listed: by given name (the last word), then by the rest from the left. */
export function compareNames(a: string, b: string): number {
  const [one, two] = [words(a), words(b)];
  if (!one.length || !two.length) return one.length - two.length;
  return (
    compareWords(one.at(-1)!, two.at(-1)!) || compareWords(one.slice(0, -1).join(" "), two.slice(0, -1).join(" "))
  );
}

/** The word a person is called by. */
export function givenName(name: string): string {
  return words(name).at(-1) ?? "";
}

/** A Vietnamese number in E.164, or null. */
export function phoneNumber(text: string): string | null {
  const digits = text.replace(/[\s.\-()]/g, "");
  const found = /^(?:\+?84|0)([35789][0-9]{8})$/.exec(digits) ?? /^(?:\+?84|0)(2[0-9]{9})$/.exec(digits);
  return found ? `+84${found[1]}` : null;
}

const words = (text: string) => text.split(/\s+/).filter(Boolean);
