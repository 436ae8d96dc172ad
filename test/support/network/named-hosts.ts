import { type ForwardProxy, startForwardProxy } from "./forward-proxy.js";
import { type Authority, makeAuthority, startTlsFront } from "./tls-front.js";

/** Servers of this machine that answer by https under the names of real ones: only the proxy knows where they are. */
export interface NamedHosts {
  readonly authority: Authority;
  readonly proxy: ForwardProxy;
  /** What the proxy leads to, by `host:443`; for one more proxy, or one more server. */
  readonly routes: Map<string, number>;
  /** For a process that is to find them. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * @param folder where keys and certificates lie
 * @param ports of servers without TLS, by the names that they get
 */
export async function startNamedHosts(
  folder: string,
  ports: Readonly<Record<string, number>>,
): Promise<NamedHosts> {
  const authority = await makeAuthority(folder, ["localhost", ...Object.keys(ports)]);
  const routes = new Map<string, number>();
  const fronts = await Promise.all(
    Object.entries(ports).map(async ([host, port]) => {
      const front = await startTlsFront(authority, port);
      routes.set(`${host}:443`, front.port);
      return front;
    }),
  );
  const proxy = await startForwardProxy({ routes });
  return {
    authority,
    proxy,
    routes,
    env: {
      HTTPS_PROXY: proxy.url,
      NODE_EXTRA_CA_CERTS: authority.file,
      SF_OCSP_RESPONSE_CACHE_DIR: folder,
    },
    stop: async () => {
      await Promise.all([proxy.stop(), ...fronts.map((front) => front.stop())]);
    },
  };
}
