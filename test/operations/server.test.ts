import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { listen, type Listening } from '../../src/operations/server.ts';

let running: Listening | undefined;
afterEach(() => running?.stop());

/** A server that answers when it is told to. */
async function start(): Promise<{
  server: Listening;
  url: string;
  held: ServerResponse[];
  asked: Promise<void>;
}> {
  const held: ServerResponse[] = [];
  const waiting: (() => void)[] = [];
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/now') response.end('now');
    else held.push(response);
    waiting.shift()?.();
  };
  const server = await listen(handler, '127.0.0.1', 0);
  running = server;
  const asked = new Promise<void>((resolve) => waiting.push(resolve));
  return { server, url: `http://127.0.0.1:${server.port}`, held, asked };
}

it('answers what is in flight, then ends, and its connection with it', async () => {
  const { server, url, held, asked } = await start();
  const agent = new Agent({ keepAlive: true });
  const answer = new Promise<IncomingMessage>((resolve) => get(`${url}/later`, { agent }, resolve));
  await asked;
  const stopped = server.stop();
  held[0]?.end('late');
  const late = await answer;
  late.resume();
  expect(late.statusCode).toBe(200);
  await stopped;
  running = undefined;
  await expect(fetch(url)).rejects.toThrow();
});

it('waits for no connection that is kept alive, and for none that never asked', async () => {
  const { server, url } = await start();
  const agent = new Agent({ keepAlive: true });
  await new Promise<void>((resolve) =>
    get(`${url}/now`, { agent }, (answer) => {
      answer.resume();
      answer.once('end', resolve);
    }),
  );
  const mute = connect(server.port, '127.0.0.1');
  await once(mute, 'connect');
  const closed = once(mute, 'close');
  const started = performance.now();
  await server.stop();
  running = undefined;
  await closed;
  expect(performance.now() - started).toBeLessThan(2000);
});

it('answers every one of fifty who connected before it was told to stop', async () => {
  const { server, url } = await start();
  const sockets = Array.from({ length: 50 }, () => connect(server.port, '127.0.0.1'));
  const answers = sockets.map(async (socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(socket, 'connect');
    socket.write(`GET /now HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`);
    await once(socket, 'close');
    return text;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await server.stop();
  running = undefined;
  for (const text of await Promise.all(answers)) expect(text).toMatch(/^HTTP\/1\.1 200 [^]*now/);
});
