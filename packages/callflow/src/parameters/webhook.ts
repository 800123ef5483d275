import type { Json } from '../io.ts';
import { isJsonObject, kindOf } from '../json-value.ts';
import { addressFault, HTTP_ADDRESS } from './address.ts';
import { asWritten, type Parameter, type Reading } from './parameter.ts';

/** Where something is told later: `{ "url": … }`, or the address alone; null when not written. */
export function webhook(options: { description: string }): Parameter<string | null> {
  return {
    kind: 'webhook',
    description: options.description,
    required: false,
    default: null,
    form: HTTP_ADDRESS.form,
    read: readWebhook,
  };
}

function readWebhook(written: Json): Reading<string | null> {
  if (written === null) return asWritten(null);
  const address = isJsonObject(written) ? written.url : written;
  if (typeof address === 'string' && address.trim() !== '') {
    const fault = addressFault(address, HTTP_ADDRESS);
    return fault === null
      ? asWritten(address.trim())
      : { value: null, verdict: 'refused', message: `${fault}; nothing is told to it` };
  }
  const what = isJsonObject(written) ? 'an object without a "url"' : kindOf(written);
  return { value: null, verdict: 'refused', message: `is ${what}; an address or { "url": … } is expected` };
}
