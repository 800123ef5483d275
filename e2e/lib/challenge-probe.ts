import { createSocket } from 'node:dgram';
import { within } from './bounded.ts';

/** Sends one REGISTER without credentials and gives the digest algorithms of the challenge, in order. */
export async function offeredAlgorithms(sipAddress: string, user: string, domain: string): Promise<string[]> {
  const [host = '', port = ''] = sipAddress.split(':');
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve) => {
      socket.bind(0, '127.0.0.1', () => resolve());
    });
    const own = `127.0.0.1:${socket.address().port}`;
    const answer = new Promise<string>((resolve) => {
      socket.once('message', (data) => resolve(data.toString('latin1')));
    });
    const request = [
      `REGISTER sip:${domain} SIP/2.0`,
      `Via: SIP/2.0/UDP ${own};branch=z9hG4bKprobe${socket.address().port};rport`,
      `From: <sip:${user}@${domain}>;tag=probe`,
      `To: <sip:${user}@${domain}>`,
      `Call-ID: probe-${socket.address().port}`,
      'CSeq: 1 REGISTER',
      `Contact: <sip:${user}@${own}>`,
      'Max-Forwards: 70',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
    socket.send(request, Number(port), host);
    const text = await within(answer, 3_000, 'an answer to REGISTER');
    const challenges = text.split('\r\n').filter((line) => /^(WWW|Proxy)-Authenticate:/i.test(line));
    return challenges.map((line) => /algorithm="?([A-Za-z0-9-]+)/i.exec(line)?.[1] ?? 'MD5');
  } finally {
    socket.close();
  }
}
