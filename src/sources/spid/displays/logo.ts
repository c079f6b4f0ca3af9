import { renderAsync, Resvg } from '@resvg/resvg-js';
import { Refused } from '../../../operations/errors.ts';

/** Largest logo taken, in bytes. */
export const LARGEST_LOGO = 256 * 1024;

/** Height of what is made of it, in pixels: twice what is shown, for sharp screens. */
const HEIGHT = 80;

/** As many times wider than high as a logo may be, and the other way round. */
const WIDEST = 8;

/** Largest picture unpacked, in pixels. */
const MOST_PIXELS = 4_000_000;

/** Nothing of this machine gets into a picture. */
const FONT = { loadSystemFonts: false };

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Makes a PNG of a logo, SVG or PNG, that holds nothing but its picture: whatever else was in the file does not reach a
 * browser. The picture itself is not changed (trademarks, spid-registry-and-idps, 3). Drawn outside the event loop.
 * @throws Refused `logo_refused` saying what is the matter
 */
export async function rasterised(bytes: Uint8Array): Promise<Buffer> {
  if (bytes.length > LARGEST_LOGO) throw refusal(`larger than ${LARGEST_LOGO} bytes`);
  const svg = PNG.equals(bytes.subarray(0, PNG.length)) ? around(Buffer.from(bytes)) : svgFrom(bytes);
  try {
    // Its shape first: what is drawn takes memory by its size.
    const { width, height } = new Resvg(svg, { font: FONT });
    if (!(width <= WIDEST * height && height <= WIDEST * width)) throw refusal('not of the shape of a logo');
    const picture = await renderAsync(svg, { fitTo: { mode: 'height', value: HEIGHT }, font: FONT });
    // What cannot be unpacked is left out of the drawing without a word.
    if (picture.pixels.every((value) => value === 0)) throw refusal('nothing is seen');
    return picture.asPng();
  } catch (cause) {
    if (cause instanceof Refused) throw cause;
    throw refusal('it cannot be drawn');
  }
}

/** A PNG inside a drawing of its size, so that both kinds go the same way. */
function around(png: Buffer): string {
  const isHeader = png.length >= 33 && png.toString('latin1', 12, 16) === 'IHDR';
  const [width, height] = isHeader ? [png.readUInt32BE(16), png.readUInt32BE(20)] : [0, 0];
  if (width === 0 || height === 0 || width * height > MOST_PIXELS)
    throw refusal('a PNG of a size that cannot be');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><image width="${width}" height="${height}" href="data:image/png;base64,${png.toString('base64')}"/></svg>`;
}

/** What a drawing may not have: what is elsewhere, what is declared, what runs, and what costs without end. */
const FORBIDDEN: readonly (readonly [what: RegExp, why: string])[] = [
  [/<!\s*(doctype|entity)/i, 'a document type'],
  [/<\?xml-stylesheet/i, 'a style sheet from elsewhere'],
  [
    /<([\w-]+:)?(script|foreignObject|image|feImage|filter|iframe|audio|video|animate\w*|set|text)[\s>/]/i,
    'an element that logos do not need',
  ],
  [/href\s*=\s*["']?\s*(?!["'#])/i, 'a reference to elsewhere'],
  [/url\(\s*["']?\s*(?!["'#\s])/i, 'a reference to elsewhere'],
  [/@import/i, 'a style sheet from elsewhere'],
];

/** Elements of a drawing, and of those that are drawn again and again: nesting multiplies them. */
const [MOST_ELEMENTS, MOST_REPEATED] = [3000, 16];

function svgFrom(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refusal('neither PNG nor SVG in UTF-8');
  }
  if (!/<svg[\s>]/.test(text)) throw refusal('neither PNG nor SVG');
  const found = FORBIDDEN.find(([what]) => what.test(text));
  if (found) throw refusal(found[1]);
  const many = (what: RegExp) => text.match(what)?.length ?? 0;
  if (many(/</g) > 2 * MOST_ELEMENTS || many(/<([\w-]+:)?(use|pattern|mask|marker)[\s>/]/gi) > MOST_REPEATED)
    throw refusal('more in it than logos have');
  return text;
}

function refusal(why: string): Refused {
  return new Refused('logo_refused', `the logo is not shown: ${why}`);
}
