import type { Quickstart } from './quickstart.ts';

/** What a person reads after the start: under 20 lines, everything in it works when pasted. */
export function welcome(q: Quickstart, dataOption: string, notes: readonly string[]): string {
  return [
    '',
    `  Voxology is up: ${q.http_url}  ·  API reference: ${q.http_url}/reference  ·  SIP ${q.sip_address} (UDP, TCP)`,
    '',
    '  Make the first call (in another terminal; no other program needed):',
    `    npx voxology phone --dial ${q.number}${dataOption}`,
    '',
    `  Or put this account in a SIP phone and dial ${q.number}:`,
    `    server ${q.sip_address}   user ${q.sip_user}   password ${q.sip_password}   domain ${q.sip_domain}`,
    '',
    '  Let the number run another flow (then edit a copy of the JSON and point the number at it):',
    `    curl -X PUT ${q.http_url}/v1/CallFlows/Configurations/PhoneNumbers/${q.number} \\`,
    `      -H 'X-API-Key: ${q.api_key}' -H 'Content-Type: application/json' \\`,
    `      -d '{"callback":{"url":"${q.flows_url}/conditional.json","method":"GET"}}'`,
    '',
    ...notes.map((note) => `  ${note}`),
    '  Ctrl-C ends it when the calls have ended; twice, at once.',
    '',
  ].join('\n');
}
