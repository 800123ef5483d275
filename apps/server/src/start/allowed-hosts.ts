import type { Settings } from '../config/load.ts';

/** The names the HTTP server answers for: its own address, the loopback names, the advertised address and the configured ones. */
export function allowedHosts({ http, advertise, allowed_hosts }: Settings): ReadonlySet<string> {
  const names = ['localhost', '127.0.0.1', '::1', http.host, ...allowed_hosts];
  if (advertise !== null) names.push(advertise);
  return new Set(names.map((name) => name.toLowerCase()));
}
