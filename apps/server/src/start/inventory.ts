import type { NumberFacts } from '@voxology/store';
import type { NumberPlaces } from '@voxology/telephony';

/** Area codes of the sandbox inventory, with the rate center that goes with each. */
const AREA_CODES = [
  ['212', 'NEW YORK'],
  ['312', 'CHICAGO'],
  ['415', 'SAN FRANCISCO'],
  ['617', 'BOSTON'],
  ['702', 'LAS VEGAS'],
  ['713', 'HOUSTON'],
  ['206', 'SEATTLE'],
  ['949', 'NEWPORT BEACH'],
] as const;
/** 555-0100 to 555-0199 are set aside for fiction in every area code: nobody can be called by mistake. */
const FICTIONAL_LINES = 100;

/** The fictional numbers a new server has for sale. */
export async function sandboxInventory(places: NumberPlaces): Promise<NumberFacts[]> {
  const inventory: NumberFacts[] = [];
  for (const [npa, rateCenter] of AREA_CODES) {
    const { region, country, timezone } = await places.of(`+1${npa}5550100`);
    for (let line = 0; line < FICTIONAL_LINES; line++) {
      const last = `01${String(line).padStart(2, '0')}`;
      inventory.push({
        no: `+1${npa}555${last}`,
        formatted: `(${npa}) 555-${last}`,
        sandbox: true,
        country,
        region,
        city: titleCase(rateCenter),
        rateCenter,
        timezone,
        npa,
        capabilities: [
          'voice',
          'voice_inbound',
          'voice_outbound',
          'sms',
          'sms_inbound',
          'sms_outbound',
          'mms_inbound',
          'mms_outbound',
        ],
      });
    }
  }
  return inventory;
}

function titleCase(name: string): string {
  return name.toLowerCase().replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
}
