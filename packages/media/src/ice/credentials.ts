import { randomBytes } from 'node:crypto';

/** What one side's checks are signed with (RFC 8839 §5.4): a plain JSON value. */
export interface IceCredentials {
  ufrag: string;
  /** A secret of the two ends. */
  password: string;
}

const ICE_CHARACTERS = /^[A-Za-z0-9+/]+$/;

/** New random credentials: 48 and 144 bits, where RFC 8839 asks for 24 and 128. */
export function createIceCredentials(): IceCredentials {
  return { ufrag: randomBytes(6).toString('base64'), password: randomBytes(18).toString('base64') };
}

/** Whether the values of `a=ice-ufrag` and `a=ice-pwd` keep the grammar. */
export function areIceCredentials({ ufrag, password }: IceCredentials): boolean {
  const fits = (text: string, least: number) => text.length >= least && text.length <= 256 && ICE_CHARACTERS.test(text);
  return fits(ufrag, 4) && fits(password, 22);
}
