import type { IncomingMessage } from 'node:http';
import { Refused } from './errors.ts';

/**
 * Reads a request body, never more than `limit` bytes of it.
 * @throws Refused `body_too_large` (413) or `body_encoding` (415: compressed bodies are not accepted)
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  if (encoding && encoding !== 'identity') {
    throw new Refused('body_encoding', `Content-Encoding ${encoding} is not accepted`, { status: 415 });
  }
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  // Kept open when too much has come: whoever sends is told so, and not cut off.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) {
      request.resume();
      throw tooLarge(limit);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(limit: number): Refused {
  return new Refused('body_too_large', `the body is larger than ${limit} bytes`, { status: 413 });
}
