import { describe, expect, it } from 'vitest';
import { jsonValue } from '../../src/operations/text.ts';

const code = (text: string) => {
  try {
    return jsonValue(text);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('JSON of others', () => {
  it.each([
    ['{"a":"\\u0000"}', 'characters_refused'],
    ['{"a\\u0000":1}', 'characters_refused'],
    ['["\\ud800"]', 'characters_refused'],
    ['["\\udc00\\ud800"]', 'characters_refused'],
    ['{"a":', 'json_invalid'],
    ['', 'json_invalid'],
    ['["\\ud83d\\ude00","\\\\u0000","\\n"]', ['😀', '\\u0000', '\n']],
  ])('is read, unless no store could keep it: %s', (text, expected) => {
    expect(code(text)).toEqual(expected);
  });
});
