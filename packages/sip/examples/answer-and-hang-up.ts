// A SIP endpoint that answers every call, says who called, and hangs up after two seconds.
//   node examples/answer-and-hang-up.ts [host] [port]
// biome-ignore lint/style/noRestrictedImports: an example imports the package by its name, as its users do.
import { SipEndpoint } from '@voxology/sip';

const [host = '127.0.0.1', port = '5060'] = process.argv.slice(2);
const endpoint = new SipEndpoint({
  listen: [
    { protocol: 'udp', host, port: Number(port) },
    { protocol: 'tcp', host, port: Number(port) },
  ],
  userAgent: 'answer-and-hang-up',
});

endpoint.on('invite', (call) => {
  console.log(`call from ${call.request.headers.get('From')} at ${call.source.address}:${call.source.port}`);
  call.on('canceled', () => console.log('the caller gave up'));
  call.ring();
  // No media here: port 9 is the discard port, and the direction says that we neither send nor receive.
  const dialog = call.answer(
    `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=inactive\r\n`,
  );
  dialog.on('bye', () => console.log('the caller hung up'));
  call.on('confirmed', () => {
    const timer = setTimeout(() => {
      dialog.bye().then(() => console.log('hung up'));
    }, 2000);
    dialog.on('terminated', () => clearTimeout(timer));
  });
});
endpoint.on('listenerError', (error) => console.error(error));

await endpoint.start();
for (const { protocol, ...at } of endpoint.listeners) console.log(`listening on ${protocol}:${at.host}:${at.port}`);
