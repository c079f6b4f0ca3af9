import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { LARGEST_LOGO, rasterised } from '../../../../src/sources/spid/displays/logo.ts';

const SVG = 'http://www.w3.org/2000/svg';
const svg = (content: string, attributes = 'viewBox="0 0 200 50"') =>
  Buffer.from(
    `<svg xmlns="${SVG}" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${content}</svg>`,
  );
const RECT = '<rect width="200" height="50" fill="#0066cc"/>';

/** A PNG header of that size, and nothing behind it that could be drawn. */
function header(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(33);
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(bytes);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}
const sizeOf = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)];

describe('the logo of a provider', () => {
  it('becomes a PNG of one height, out of SVG as drawing programs write it', async () => {
    const written = svg(
      `<!-- Generator --><style>.a{fill:url(#g)}</style><defs><linearGradient id="g"/></defs>${RECT}<use xlink:href="#x"/>`,
    );
    const png = await rasterised(
      Buffer.concat([Buffer.from('<?xml version="1.0" encoding="utf-8"?>\n'), written]),
    );
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    expect(sizeOf(png)).toEqual([320, 80]);
  });

  it('is made anew of a PNG, without what else was in the file', async () => {
    const png = await rasterised(svg(RECT));
    const again = await rasterised(Buffer.concat([png, Buffer.from('<script>alert(1)</script>')]));
    expect(sizeOf(again)).toEqual([320, 80]);
    expect(again.includes('script')).toBe(false);
  });

  it.each([
    ['a picture from elsewhere', svg('<image href="https://evil.example/x.png"/>')],
    ['a file of ours', svg('<image xlink:href="/etc/hostname"/>')],
    ['a script', svg('<script>alert(1)</script>')],
    ['a page inside', svg('<foreignObject><p/></foreignObject>')],
    ['a reference to elsewhere', svg('<use xlink:href="https://evil.example/x.svg#a"/>')],
    ['a fill from elsewhere', svg('<rect fill="url(https://evil.example/x.svg#a)"/>')],
    ['a style sheet from elsewhere', svg('<style>@import "https://evil.example/x.css";</style>')],
    ['a filter', svg('<filter id="f"><feGaussianBlur stdDeviation="9999"/></filter>')],
    ['a document type', Buffer.from(`<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="${SVG}"/>`)],
    ['copies of copies', svg('<use xlink:href="#a"/>'.repeat(17))],
    ['ten thousand elements', svg('<rect/>'.repeat(10_000))],
    ['a strip', svg(RECT, 'width="1000000" height="10"')],
    ['a column', svg(RECT, 'width="10" height="1000000"')],
    ['no size', svg(RECT, 'width="0" height="0"')],
    ['empty', svg('')],
    ['not well-formed XML', Buffer.from(`<svg xmlns="${SVG}"><rect></svg>`)],
    ['another encoding', Buffer.from(svg(RECT).toString(), 'utf16le')],
    ['a web page', Buffer.from('<!doctype html><title>404</title>')],
    ['a GIF', Buffer.from('GIF89a')],
    ['nothing', Buffer.alloc(0)],
    ['too much', Buffer.concat([svg(RECT), Buffer.alloc(LARGEST_LOGO)])],
    ['half a PNG', header(100, 50)],
    ['a PNG of no size', header(0, 50)],
    [
      'a PNG that unpacks to gigabytes',
      Buffer.concat([header(60_000, 60_000), deflateSync(Buffer.alloc(1e6))]),
    ],
    ['a PNG that ends after its first bytes', header(1, 1).subarray(0, 12)],
  ])('is refused where it is %s', async (_, bytes) => {
    const started = performance.now();
    await expect(rasterised(bytes)).rejects.toMatchObject({ code: 'logo_refused' });
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
