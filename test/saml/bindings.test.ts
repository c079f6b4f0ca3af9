import { createHmac, generateKeyPairSync, sign, verify } from 'node:crypto';
import { deflateRawSync, deflateSync, gzipSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Refused } from '../../src/operations/errors.ts';
import {
  decodeBase64,
  parseForm,
  peekRedirect,
  postBinding,
  readRedirect,
  redirectBinding,
} from '../../src/saml/bindings.ts';
import { testKey, URI, type TestKey } from '../support/saml-signer.ts';

const LIMIT = 100_000;
const LOCATION = 'https://idp.example.it/sso';
const XML = '<samlp:AuthnRequest xmlns:samlp="urn:x" Note="Città &amp; paese"/>';
const RELAY_STATE = 'a b+c/d=&é?#%41';

let provider: TestKey;
let attacker: TestKey;

beforeAll(async () => {
  [provider, attacker] = await Promise.all([testKey(), testKey(2048, 'attacker')]);
});

/** The code and the status with which something is refused. */
function refusal(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return `${error.code} ${error.status}`;
    throw error;
  }
}

/** A signed query made by hand; `signer` makes the signature of the text before it. */
function signedQuery(
  parts: readonly (readonly [string, string])[],
  signer = (text: string) => sign('sha256', Buffer.from(text), provider.privateKey),
): string {
  const text = parts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `${text}&Signature=${encodeURIComponent(signer(text).toString('base64'))}`;
}

const message = (text: string) => deflateRawSync(Buffer.from(text)).toString('base64');

const read = (query: string, limit = LIMIT) =>
  readRedirect(query, 'SAMLRequest', [provider.publicKey], limit);

const good = () => redirectBinding(LOCATION, 'SAMLRequest', XML, RELAY_STATE, provider).query;

describe('HTTP-Redirect, sending (SPID AuthnRequest, section 5)', () => {
  it('deflates, encodes, and signs exactly the bytes it sends', () => {
    const { url, query } = redirectBinding(LOCATION, 'SAMLRequest', XML, RELAY_STATE, provider);
    expect(url).toBe(`${LOCATION}?${query}`);
    const raw = new URL(url).search.slice(1);
    const [signed = '', signature = ''] = raw.split('&Signature=');
    const value = Buffer.from(decodeURIComponent(signature), 'base64');
    expect(verify('sha256', Buffer.from(signed), provider.publicKey, value)).toBe(true);

    const parameters = [...new URLSearchParams(raw)];
    expect(parameters.map(([name]) => name)).toEqual(['SAMLRequest', 'RelayState', 'SigAlg', 'Signature']);
    const fields = new Map(parameters);
    expect(inflateRawSync(Buffer.from(fields.get('SAMLRequest') ?? '', 'base64')).toString()).toBe(XML);
    expect(fields.get('RelayState')).toBe(RELAY_STATE);
    expect(fields.get('SigAlg')).toBe(URI.rsaSha256);
  });

  it('signs two parameters when there is no relay state', () => {
    const { query } = redirectBinding(LOCATION, 'SAMLResponse', XML, undefined, provider);
    expect([...new URLSearchParams(query).keys()]).toEqual(['SAMLResponse', 'SigAlg', 'Signature']);
    const read = readRedirect(query, 'SAMLResponse', [provider.publicKey], LIMIT);
    expect(read.relayState).toBeUndefined();
  });

  it('signs an empty relay state too', () => {
    const { query } = redirectBinding(LOCATION, 'SAMLRequest', XML, '', provider);
    expect(read(query).relayState).toBe('');
  });

  it('continues the query of a location that has one', () => {
    const { url, query } = redirectBinding(`${LOCATION}?tenant=1`, 'SAMLRequest', XML, undefined, provider);
    expect(url).toBe(`${LOCATION}?tenant=1&${query}`);
  });

  it('leaves no character in the query that a server could read in another way', () => {
    expect(good()).toMatch(/^[A-Za-z0-9&=%._~!*'()-]+$/);
  });
});

describe('HTTP-Redirect, receiving', () => {
  it('gives back message and relay state', () => {
    const { xml, relayState } = read(good());
    expect(xml.toString()).toBe(XML);
    expect(relayState).toBe(RELAY_STATE);
  });

  it('gives back whatever was sent', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
        (text, state) => {
          const { query } = redirectBinding(LOCATION, 'SAMLRequest', text, state, provider);
          expect(read(query)).toMatchObject({ xml: Buffer.from(text), relayState: state });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('verifies the text as it arrived: escapes in small letters, unescaped characters, any order', () => {
    const lower = (value: string) =>
      encodeURIComponent(value).replace(/%[0-9A-F]{2}/g, (at) => at.toLowerCase());
    const signed = `SAMLRequest=${lower(message(XML))}&RelayState=a+b/c&SigAlg=${URI.rsaSha256}`;
    const signature = lower(sign('sha256', Buffer.from(signed), provider.privateKey).toString('base64'));
    expect(read(`${signed}&Signature=${signature}`).relayState).toBe('a b/c');
    const [request = '', state = '', algorithm = ''] = signed.split('&');
    expect(read([`Signature=${signature}`, algorithm, state, request].join('&')).relayState).toBe('a b/c');
  });

  it('does not verify a text that was escaped anew on the way', () => {
    const signed = `SAMLRequest=${encodeURIComponent(message(XML))}&SigAlg=${URI.rsaSha256}`;
    const signature = encodeURIComponent(
      sign('sha256', Buffer.from(signed), provider.privateKey).toString('base64'),
    );
    const rewritten = `SAMLRequest=${encodeURIComponent(message(XML))}&SigAlg=${encodeURIComponent(URI.rsaSha256)}`;
    expect(refusal(() => read(`${rewritten}&Signature=${signature}`))).toBe('signature 400');
  });

  it('accepts any of the keys that are trusted, and no other', () => {
    const query = good();
    const keys = [attacker.publicKey, provider.publicKey];
    expect(readRedirect(query, 'SAMLRequest', keys, LIMIT).xml.toString()).toBe(XML);
    expect(refusal(() => readRedirect(query, 'SAMLRequest', [attacker.publicKey], LIMIT))).toBe(
      'signature 400',
    );
    expect(refusal(() => readRedirect(query, 'SAMLRequest', [], LIMIT))).toBe('signature 400');
  });

  it('refuses a key of 1024 bits, however correct the signature', async () => {
    const weak = await testKey(1024);
    const { query } = redirectBinding(LOCATION, 'SAMLRequest', XML, undefined, weak);
    expect(refusal(() => readRedirect(query, 'SAMLRequest', [weak.publicKey], LIMIT))).toBe('signature 400');
  });

  it('accepts ECDSA from an EC key only', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signer = (text: string) =>
      sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const query = (algorithm: string) =>
      signedQuery(
        [
          ['SAMLRequest', message(XML)],
          ['SigAlg', algorithm],
        ],
        signer,
      );
    const readEc = (text: string) => readRedirect(text, 'SAMLRequest', [publicKey], LIMIT).xml.toString();
    expect(readEc(query(URI.ecdsaSha256))).toBe(XML);
    expect(refusal(() => readEc(query(URI.rsaSha256)))).toBe('signature 400');
  });

  it.each(['SAMLRequest', 'RelayState', 'SigAlg', 'Signature'])('refuses any change to %s', (name) => {
    const query = good();
    const others: Readonly<Record<string, string>> = {
      SAMLRequest: encodeURIComponent(message('<evil/>')),
      RelayState: 'other',
      SigAlg: encodeURIComponent(URI.rsaSha512),
      Signature: encodeURIComponent(Buffer.alloc(256, 1).toString('base64')),
    };
    const changed = query.replace(new RegExp(`(^|&)${name}=[^&]*`), `$1${name}=${others[name]}`);
    expect(changed).not.toBe(query);
    expect(refusal(() => read(changed))).toBe('signature 400');
  });

  it('refuses a relay state that was taken away or put there', () => {
    expect(refusal(() => read(good().replace(/&RelayState=[^&]*/, '')))).toBe('signature 400');
    const without = redirectBinding(LOCATION, 'SAMLRequest', XML, undefined, provider).query;
    expect(refusal(() => read(`${without}&RelayState=x`))).toBe('signature 400');
  });

  it('leaves parameters of others aside', () => {
    expect(read(`utm=1&${good()}&x=y`).xml.toString()).toBe(XML);
  });

  it.each(['SAMLRequest', 'SigAlg', 'Signature'])(
    'refuses a query without %s, or with nothing in it',
    (name) => {
      const parameter = new RegExp(`(^|&)${name}=[^&]*`);
      expect(refusal(() => read(good().replace(parameter, '')))).toBe('missing_parameter 400');
      expect(refusal(() => read(good().replace(parameter, `$1${name}=`)))).toBe('missing_parameter 400');
      expect(refusal(() => read(good().replace(parameter, `$1${name}`)))).toBe('missing_parameter 400');
    },
  );

  it('refuses a response where a request is expected', () => {
    const { query } = redirectBinding(LOCATION, 'SAMLResponse', XML, undefined, provider);
    expect(refusal(() => read(query))).toBe('missing_parameter 400');
  });

  it('refuses an empty query', () => {
    expect(refusal(() => read(''))).toBe('missing_parameter 400');
  });

  it.each(['SAMLRequest', 'RelayState', 'SigAlg', 'Signature'])(
    'refuses %s twice, before or after',
    (name) => {
      const query = good();
      expect(refusal(() => read(`${query}&${name}=x`))).toBe('duplicate_parameter 400');
      expect(refusal(() => read(`${name}=x&${query}`))).toBe('duplicate_parameter 400');
      const same = new RegExp(`${name}=[^&]*`).exec(query)?.[0] ?? '';
      expect(refusal(() => read(`${query}&${same}`))).toBe('duplicate_parameter 400');
    },
  );

  it('refuses a parameter twice when one of its names is escaped', () => {
    const query = good();
    const evil = encodeURIComponent(message('<evil/>'));
    expect(refusal(() => read(`${query}&SAML%52equest=${evil}`))).toBe('duplicate_parameter 400');
    expect(refusal(() => read(`%53AMLRequest=${evil}&${query}`))).toBe('duplicate_parameter 400');
  });

  it.each(['SAMLRequest', 'RelayState', 'SigAlg', 'Signature'])(
    'refuses %s with an escaped name, which would be read but not verified',
    (name) => {
      const escaped = `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`;
      const changed = good().replace(`${name}=`, `${escaped}=`);
      expect(refusal(() => read(changed))).toBe('missing_parameter 400');
    },
  );

  it('does not add a relay state under an escaped name to a query that was signed without', () => {
    const without = redirectBinding(LOCATION, 'SAMLRequest', XML, undefined, provider).query;
    expect(refusal(() => read(`${without}&%52elayState=evil`))).toBe('missing_parameter 400');
  });

  it.each([
    ['SHA-1', URI.rsaSha1, (text: string) => sign('sha1', Buffer.from(text), provider.privateKey)],
    [
      'an HMAC keyed with the public key',
      URI.hmacSha256,
      (text: string) =>
        createHmac('sha256', provider.publicKey.export({ format: 'pem', type: 'spki' }))
          .update(text)
          .digest(),
    ],
    ['an unknown algorithm', 'urn:none', undefined],
    ['the name of something every object has', 'toString', undefined],
    ['a prototype', '__proto__', undefined],
    ['a digest method', URI.sha256, undefined],
  ])('refuses a signature with %s', (_, algorithm, signer) => {
    const query = signedQuery(
      [
        ['SAMLRequest', message(XML)],
        ['SigAlg', algorithm],
      ],
      signer,
    );
    expect(refusal(() => read(query))).toBe('signature_algorithm 400');
  });

  it.each([
    ['not base64', '***'],
    ['longer than any signature', Buffer.alloc(2000).toString('base64')],
  ])('refuses a signature that is %s', (_, signature) => {
    const changed = good().replace(/Signature=.*/, `Signature=${encodeURIComponent(signature)}`);
    expect(refusal(() => read(changed))).toMatch(/^(not_base64 400|too_large 413)$/);
  });

  it.each([
    ['not base64 at all', '<xml/>', 'not_base64 400'],
    ['base64 of something not deflated', Buffer.from(XML).toString('base64'), 'deflate 400'],
    ['deflated with a zlib header', deflateSync(XML).toString('base64'), 'deflate 400'],
    ['compressed with gzip', gzipSync(XML).toString('base64'), 'deflate 400'],
    ['cut short', deflateRawSync(XML).subarray(0, 20).toString('base64'), 'deflate 400'],
  ])('refuses a signed message that is %s', (_, text, expected) => {
    const query = signedQuery([
      ['SAMLRequest', text],
      ['SigAlg', URI.rsaSha256],
    ]);
    expect(refusal(() => read(query))).toBe(expected);
  });

  it('inflates no further than the limit', () => {
    const bomb = deflateRawSync(Buffer.alloc(50_000_000, 0x20));
    expect(bomb.length).toBeLessThan(LIMIT);
    const query = signedQuery([
      ['SAMLRequest', bomb.toString('base64')],
      ['SigAlg', URI.rsaSha256],
    ]);
    const before = process.memoryUsage().arrayBuffers;
    expect(refusal(() => read(query))).toBe('too_large 413');
    expect(refusal(() => peekRedirect(query, 'SAMLRequest', LIMIT))).toBe('too_large 413');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  });

  it('takes a message of exactly the limit', () => {
    const query = (size: number) =>
      signedQuery([
        ['SAMLRequest', deflateRawSync(Buffer.alloc(size, 0x20)).toString('base64')],
        ['SigAlg', URI.rsaSha256],
      ]);
    expect(read(query(1000), 1000).xml).toHaveLength(1000);
    expect(refusal(() => read(query(1001), 1000))).toBe('too_large 413');
  });

  it('says who is right before it unpacks anything', () => {
    const bomb = deflateRawSync(Buffer.alloc(5_000_000, 0x20)).toString('base64');
    const query = signedQuery(
      [
        ['SAMLRequest', bomb],
        ['SigAlg', URI.rsaSha256],
      ],
      (text) => sign('sha256', Buffer.from(text), attacker.privateKey),
    );
    expect(refusal(() => read(query))).toBe('signature 400');
  });
});

describe('HTTP-Redirect, a look without verifying', () => {
  it('reads the message, so that its issuer can be found', () => {
    expect(peekRedirect(good(), 'SAMLRequest', LIMIT).toString()).toBe(XML);
  });

  it('refuses what readRedirect would refuse before verifying', () => {
    expect(refusal(() => peekRedirect('', 'SAMLRequest', LIMIT))).toBe('not_base64 400');
    expect(refusal(() => peekRedirect('SAMLRequest=a&SAMLRequest=b', 'SAMLRequest', LIMIT))).toBe(
      'duplicate_parameter 400',
    );
    expect(refusal(() => peekRedirect('SAMLRequest=AAAA', 'SAMLRequest', LIMIT))).toBe('deflate 400');
  });
});

describe('HTTP-POST (SPID AuthnRequest, section 6)', () => {
  it('encodes the message, and adds the relay state as it is', () => {
    expect(postBinding('SAMLRequest', XML, RELAY_STATE)).toEqual({
      SAMLRequest: Buffer.from(XML).toString('base64'),
      RelayState: RELAY_STATE,
    });
    expect(postBinding('SAMLResponse', '<a/>', undefined)).toEqual({ SAMLResponse: 'PGEvPg==' });
  });

  it('is read back from the form that a browser sends', () => {
    const fields = postBinding('SAMLResponse', XML, RELAY_STATE);
    const form = parseForm(Buffer.from(new URLSearchParams(fields).toString()));
    expect(decodeBase64(form.get('SAMLResponse') ?? '', LIMIT).toString()).toBe(XML);
    expect(form.get('RelayState')).toBe(RELAY_STATE);
  });

  it.each([
    ['a field twice', 'SAMLResponse=a&SAMLResponse=b'],
    ['a field twice with the same value', 'SAMLResponse=a&SAMLResponse=a'],
    ['a field twice, one name escaped', 'SAMLResponse=a&SAML%52esponse=b'],
    ['any other field twice', 'SAMLResponse=a&x=1&x=2'],
    ['a field twice, one without value', 'SAMLResponse=a&SAMLResponse'],
  ])('refuses %s', (_, body) => {
    expect(refusal(() => parseForm(Buffer.from(body)))).toBe('duplicate_parameter 400');
  });

  it('tells names by case', () => {
    const form = parseForm(Buffer.from('SAMLResponse=a&samlresponse=b'));
    expect(form.get('SAMLResponse')).toBe('a');
  });

  it('has no fields in an empty body', () => {
    expect(parseForm(Buffer.alloc(0)).size).toBe(0);
  });
});

describe('base64 (SPID response, T2)', () => {
  it.each([
    ['three bytes', 'YWJj', 'abc'],
    ['one padding sign', 'YWI=', 'ab'],
    ['two padding signs', 'YQ==', 'a'],
    ['lines', 'YW\r\nJj\nZGVm\r\n', 'abcdef'],
    ['blanks and tabs', ' Y W\tJ j ', 'abc'],
  ])('reads %s', (_, text, expected) => {
    expect(decodeBase64(text, LIMIT).toString()).toBe(expected);
  });

  it('reads both signs of the alphabet beyond letters and digits', () => {
    expect(decodeBase64('+/+/', LIMIT)).toEqual(Buffer.from([0xfb, 0xff, 0xbf]));
  });

  it.each([
    ['nothing', ''],
    ['white space alone', ' \n'],
    ['one sign', 'Y'],
    ['missing padding', 'YWI'],
    ['half of the padding', 'YQ='],
    ['surplus padding', 'YWJj='],
    ['a block of padding', 'YWJj===='],
    ['padding alone', '===='],
    ['padding in the middle', 'YQ==YWJj'],
    ['stray bits', 'YWJ='],
    ['stray bits before two padding signs', 'YR=='],
    ['the alphabet of URLs', '-_-_'],
    ['a sign outside of every alphabet', 'YW*j'],
    ['an escape that was never resolved', 'YWI%3D'],
    ['a no-break space', 'YWJj\u00a0'],
    ['a form feed', 'YWJj\f'],
    ['a zero character', 'YWJj\u0000'],
    ['letters that only look alike', 'ＹＷＪｊ'],
    ['a data address', 'data:;base64,YWJj'],
  ])('refuses %s', (_, text) => {
    expect(refusal(() => decodeBase64(text, LIMIT))).toBe('not_base64 400');
  });

  it('counts decoded bytes, whatever the padding', () => {
    for (const size of [1, 2, 3, 4, 5, 6, 100]) {
      const text = Buffer.alloc(size).toString('base64');
      expect(decodeBase64(text, size)).toHaveLength(size);
      expect(
        refusal(() => decodeBase64(text, size - 1)),
        String(size),
      ).toBe('too_large 413');
    }
  });

  it('has one spelling for every sequence of bytes, and one sequence for every spelling', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        expect(decodeBase64(Buffer.from(bytes).toString('base64'), LIMIT)).toEqual(Buffer.from(bytes));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ABab09+/=-_ ') }), (text) => {
        if (refusal(() => decodeBase64(text, LIMIT))) return;
        expect(decodeBase64(text, LIMIT).toString('base64')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });
});
