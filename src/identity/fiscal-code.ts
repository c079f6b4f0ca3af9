const PERSON = /^[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$/;
const NUMERIC = /^\d{11}$/;

/** Values of the characters in odd positions, 0/A first (spid-attributes, 6). */
const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/**
 * Whether a text is a codice fiscale: 16 characters with their check letter (omocodia included), or the 11 digits of
 * a provisional code. Upper case, without prefix. Catches corruption; proves nothing about who it belongs to.
 */
export function isFiscalCode(code: string): boolean {
  if (NUMERIC.test(code)) return Number(code[10]) === numericCheckDigit(code.slice(0, 10));
  return PERSON.test(code) && code[15] === checkLetter(code.slice(0, 15));
}

/** The 16th character for the first 15. */
export function checkLetter(first15: string): string {
  const sum = [...first15].reduce((total, character, at) => total + value(character, at % 2 === 0), 0);
  return String.fromCharCode(65 + (sum % 26));
}

function value(character: string, oddPosition: boolean): number {
  const index = /\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65;
  return oddPosition ? (ODD[index] ?? 0) : index;
}

function numericCheckDigit(first10: string): number {
  const sum = [...first10].reduce((total, digit, at) => {
    const doubled = Number(digit) * (at % 2 === 0 ? 1 : 2);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return (10 - (sum % 10)) % 10;
}
