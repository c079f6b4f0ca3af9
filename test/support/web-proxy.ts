import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { clientCertificate } from './client-certificate.ts';

/** A web proxy such as networks have where nothing else leads out, and one site on the internet that it leads to. */
export interface WebProxyServer {
  /** With user and password. */
  readonly url: string;
  readonly port: number;
  /** Every request to the proxy, with what it was authorised by. */
  readonly asked: (readonly [request: string, authorization: string | undefined])[];
  stop(): Promise<void>;
}

export interface SiteOptions {
  /** What it says to every tunnel instead of opening it; 0: it hangs up. */
  readonly status?: number;
  /** It takes requests and never answers. */
  readonly silent?: boolean;
  /** What the site answers; otherwise which path was asked for, at which host. */
  readonly answer?: (request: IncomingMessage) => string;
}

/**
 * Starts both over real connections. This process believes the certificate of the site until it is stopped.
 * @param host the name of the site, known to the proxy alone
 */
export async function startWebProxy(host: string, options: SiteOptions = {}): Promise<WebProxyServer> {
  const { answer = (request) => `${request.url} of ${request.headers.host}` } = options;
  const { pem, privateKey } = await clientCertificate(host);
  const believed = getCACertificates('default');
  setDefaultCACertificates([...believed, pem]);
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' });
  const site = createTlsServer({ key, cert: pem }, (request, response) => response.end(answer(request)));
  const asked: [string, string | undefined][] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer((request, response) => {
    asked.push([`${request.method} ${request.url}`, request.headers['proxy-authorization']]);
    response.end(`${new URL(request.url ?? '').pathname} of ${request.headers.host}`);
  });
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push([`CONNECT ${request.url}`, request.headers['proxy-authorization']]);
    if (options.silent) return;
    if (options.status === 0) socket.destroy();
    else if (options.status) socket.end(`HTTP/1.1 ${options.status} No\r\n\r\n`);
    else {
      const onward = connect((site.address() as AddressInfo).port, '127.0.0.1');
      sockets.add(onward);
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
      for (const end of [socket, onward]) end.on('error', () => socket.destroy());
    }
  });
  proxy.on('connection', (socket: Socket) => sockets.add(socket));
  for (const server of [site, proxy])
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://gateway:s3cr3t%40@127.0.0.1:${port}`,
    port,
    asked,
    async stop() {
      setDefaultCACertificates(believed);
      for (const socket of sockets) socket.destroy();
      await Promise.all([site, proxy].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
