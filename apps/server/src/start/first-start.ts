import { randomBytes } from 'node:crypto';
import type { Store } from '@voxology/store';
import type { NumberPlaces } from '@voxology/telephony';
import { sandboxInventory } from './inventory.ts';

const SETTING = 'quickstart';
const HELLO_NUMBER = '+14155550100';
const USER_NUMBER = '+14155550199';
const SIP_USER = 'phone';

/** What the first start made, as kept in the data directory and printed. */
export interface Account {
  apiKey: string;
  sipDomain: string;
  sipUser: string;
  sipPassword: string;
  sipUserNo: string;
  number: string;
}

/**
 * On the first start: an application, its API key, a SIP user with a number, an inventory of sandbox numbers and one
 * number that runs hello-world. On later starts: what the first one made. The secrets are kept encrypted with the data
 * directory's key, so that quickstart.json can be written again.
 */
export async function ensureAccount(store: Store, places: NumberPlaces, flowsUrl: string): Promise<Account> {
  const kept = await store.settings.get(SETTING);
  if (typeof kept === 'string') {
    const account = JSON.parse(store.decrypt(kept, SETTING)) as Account;
    await followMovedFlows(store, account, flowsUrl);
    return account;
  }
  await store.numbers.addInventory(await sandboxInventory(places));
  const sipDomain = `${randomBytes(4).toString('hex')}.sip.localhost`;
  const { appId } =
    (await store.applications.byDomain(sipDomain)) ??
    (await store.applications.create({ name: 'My application', sipDomain }));
  const { key: apiKey } = await store.apiKeys.create(appId);
  const sipPassword = randomBytes(12).toString('base64url');
  const account: Account = {
    apiKey,
    sipDomain,
    sipUser: SIP_USER,
    sipPassword,
    sipUserNo: USER_NUMBER,
    number: HELLO_NUMBER,
  };
  await store.numbers.provision(appId, 'CallFlows', USER_NUMBER);
  await store.sipUsers.create({ appId, username: SIP_USER, password: sipPassword, domain: sipDomain, no: USER_NUMBER });
  await store.numbers.provision(appId, 'CallFlows', HELLO_NUMBER);
  await store.numbers.configure(HELLO_NUMBER, appId, helloWorld(flowsUrl));
  await store.settings.set(SETTING, store.encrypt(JSON.stringify(account), SETTING));
  return account;
}

function helloWorld(flowsUrl: string) {
  return {
    callback: { url: `${flowsUrl}/hello-world.json`, method: 'GET' as const, content_type: 'application/json' },
    callback_failover: null,
    answer_on_ring: 0 as const,
    custom_data: null,
  };
}

/** When the HTTP address changed between starts, the sample number follows, unless its user has given it another flow. */
async function followMovedFlows(store: Store, { number, sipDomain }: Account, flowsUrl: string): Promise<void> {
  const row = await store.numbers.get(number);
  const application = await store.applications.byDomain(sipDomain);
  const url = row?.configuration?.callback?.url ?? '';
  if (application === null || !url.endsWith('/flows/hello-world.json') || url.startsWith(flowsUrl)) return;
  await store.numbers.configure(number, application.appId, helloWorld(flowsUrl));
}
