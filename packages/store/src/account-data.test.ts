import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Store } from './contract.ts';
import type { CallFlowConfiguration, NumberFacts } from './rows.ts';
import { openTemporaryStore, type TemporaryStore } from './temporary-store.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let temporary: TemporaryStore;
let store: Store;
let appId: string;
let otherAppId: string;
const nowhere = '00000000-0000-4000-8000-000000000000';
const configuration: CallFlowConfiguration = {
  callback: { url: 'http://127.0.0.1/flow', method: 'POST', content_type: 'application/json' },
  answer_on_ring: 1,
  custom_data: { tenant: 7, 'odd\0key': null },
};

beforeAll(async () => {
  temporary = await openTemporaryStore();
  store = temporary.store;
  appId = (await store.applications.create({ name: 'One', sipDomain: 'One.Example' })).appId;
  otherAppId = (await store.applications.create({ name: 'Two', sipDomain: 'two.example' })).appId;
});
afterAll(() => temporary.remove());

describe('applications', () => {
  it('are found by id and domain, in any case', async () => {
    const found = await store.applications.byDomain('ONE.example');
    expect(found).toMatchObject({ appId, name: 'One', sipDomain: 'one.example', defaultConfiguration: null });
    expect(await store.applications.get(appId.toUpperCase())).toEqual(found);
    expect(await store.applications.first()).toEqual(found);
    expect((await store.applications.list()).map((application) => application.name)).toEqual(['One', 'Two']);
  });

  it('are null when there is none, whatever is asked', async () => {
    for (const id of [nowhere, 'no uuid', '\0', '']) expect(await store.applications.get(id)).toBeNull();
    for (const domain of ['', 'x\0y', '\ud800']) expect(await store.applications.byDomain(domain)).toBeNull();
  });

  it('do not share a domain', async () => {
    await expect(store.applications.create({ name: 'x', sipDomain: 'ONE.example' })).rejects.toMatchObject({
      code: 'duplicate',
    });
  });

  it('keep their default configuration, seen at once', async () => {
    await store.applications.get(otherAppId);
    expect(await store.applications.setDefaultConfiguration(otherAppId, configuration)).toBe(true);
    expect((await store.applications.get(otherAppId))?.defaultConfiguration?.custom_data).toEqual({
      tenant: 7,
      'odd␀key': null,
    });
    await store.applications.setDefaultConfiguration(otherAppId, null);
    expect((await store.applications.get(otherAppId))?.defaultConfiguration).toBeNull();
    expect(await store.applications.setDefaultConfiguration(nowhere, null)).toBe(false);
  });
});

describe('API keys', () => {
  it('open their application only, until they are removed', async () => {
    const { id, key, hint } = await store.apiKeys.create(appId);
    expect(key).toMatch(/^vx_[0-9A-Za-z]{32}$/);
    expect(key.endsWith(hint)).toBe(true);
    expect(await store.apiKeys.authenticate(key)).toEqual({ appId });
    expect(await store.apiKeys.list(appId)).toMatchObject([{ id, appId, hint }]);
    for (const other of ['no uuid', nowhere]) expect(await store.apiKeys.remove(other, appId)).toBe(false);
    expect(await store.apiKeys.remove(id, otherAppId)).toBe(false);
    expect(await store.apiKeys.remove(id, appId)).toBe(true);
    expect(await store.apiKeys.authenticate(key)).toBeNull();
  });

  it('are refused when they are no keys', async () => {
    for (const key of ['', '\0', 'vx_', `vx_${'a'.repeat(32)}`, 'a'.repeat(100_000)]) {
      expect(await store.apiKeys.authenticate(key)).toBeNull();
    }
    await expect(store.apiKeys.create(nowhere)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('SIP users', () => {
  const hash = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');

  it('carry the hashes digest authentication needs, and a number of their own', async () => {
    const user = { appId, username: 'alice', domain: 'one.example', no: '+12125550111' };
    expect(await store.sipUsers.find('alice', 'one.example')).toBeNull();
    expect(await store.sipUsers.create({ ...user, domain: 'ONE.example', password: 'pw' })).toEqual(user);
    expect(await store.sipUsers.find('alice', 'One.Example')).toEqual({
      ...user,
      ha1Md5: hash('md5', 'alice:one.example:pw'),
      ha1Sha256: hash('sha256', 'alice:one.example:pw'),
    });
    expect(await store.sipUsers.find('Alice', 'one.example')).toBeNull();
    expect(await store.sipUsers.byNumber(user.no)).toEqual(user);
    expect(await store.sipUsers.list(appId)).toEqual([user]);
    expect(await store.numbers.get(user.no)).toMatchObject({ kind: 'user', appId, configuration: null });
  });

  it('change their password at once', async () => {
    expect(await store.sipUsers.setPassword('alice', 'ONE.example', 'new')).toBe(true);
    expect((await store.sipUsers.find('alice', 'one.example'))?.ha1Md5).toBe(hash('md5', 'alice:one.example:new'));
    expect(await store.sipUsers.setPassword('nobody', 'one.example', 'new')).toBe(false);
  });

  it('do not take a name or number that is in use', async () => {
    const user = { appId, domain: 'one.example', password: 'x' };
    for (const [username, no] of [
      ['alice', '+12125550112'],
      ['bob', '+12125550111'],
    ] as const) {
      await expect(store.sipUsers.create({ ...user, username, no })).rejects.toMatchObject({ code: 'duplicate' });
    }
    await expect(
      store.sipUsers.create({ ...user, appId: otherAppId, username: 'bob', no: '+12125550111' }),
    ).rejects.toMatchObject({ code: 'duplicate' });
    await expect(
      store.sipUsers.create({ ...user, appId: nowhere, username: 'bob', no: '+12125550113' }),
    ).rejects.toMatchObject({ code: 'not-found' });
    // Nothing is left of the failed attempts.
    expect(await store.numbers.get('+12125550112')).toBeNull();
    expect(await store.numbers.get('+12125550113')).toBeNull();
  });

  it('go with their number', async () => {
    expect(await store.sipUsers.remove('alice', 'one.example')).toBe(true);
    expect(await store.sipUsers.find('alice', 'one.example')).toBeNull();
    expect(await store.sipUsers.byNumber('+12125550111')).toBeNull();
    expect(await store.numbers.get('+12125550111')).toBeNull();
    expect(await store.sipUsers.remove('alice', 'one.example')).toBe(false);
  });

  it('are not found by hostile names', async () => {
    for (const name of ['\0', "'; drop table sip_users; --", '\ud800', 'a'.repeat(100_000)]) {
      expect(await store.sipUsers.find(name, 'one.example')).toBeNull();
      expect(await store.sipUsers.find('alice', name)).toBeNull();
    }
  });
});

describe('numbers', () => {
  const facts = (no: string, changes: Partial<NumberFacts> = {}): NumberFacts => ({
    no,
    formatted: no,
    sandbox: true,
    country: 'US',
    region: 'CA',
    city: 'Newport Beach',
    rateCenter: 'NEWPORT BEACH',
    timezone: 'America/Los_Angeles',
    npa: no.slice(2, 5),
    capabilities: ['voice'],
    ...changes,
  });
  const found = async (search: Partial<Parameters<Store['numbers']['searchAvailable']>[0]>) =>
    (await store.numbers.searchAvailable({ maxResults: 10, ...search })).map(({ no }) => no);

  it('go up for sale once', async () => {
    const stock = [
      facts('+19495550101'),
      facts('+19495560102', { capabilities: ['voice', 'sms_inbound'] }),
      facts('+12125550103', { region: 'NY', rateCenter: 'NWYRCYZN01', city: 'New York' }),
      facts('+442079460104', { country: 'GB', region: null, rateCenter: null, npa: null }),
    ];
    expect(await store.numbers.addInventory(stock)).toBe(4);
    expect(await store.numbers.addInventory(stock)).toBe(0);
    expect(await store.numbers.addInventory([])).toBe(0);
  });

  it('are found by every search', async () => {
    expect(await found({})).toEqual(['+12125550103', '+19495550101', '+19495560102', '+442079460104']);
    expect(await found({ maxResults: 1 })).toEqual(['+12125550103']);
    expect(await found({ searchBy: 'rate-center', searchOn: 'Newport Beach,ca' })).toEqual([
      '+19495550101',
      '+19495560102',
    ]);
    expect(await found({ searchBy: 'rate-center', searchOn: 'NEWPORT BEACH' })).toHaveLength(2);
    expect(await found({ searchBy: 'rate-center', searchOn: 'NEWPORT BEACH,NY' })).toEqual([]);
    expect(await found({ searchBy: 'prefixes', searchOn: '949' })).toHaveLength(2);
    expect(await found({ searchBy: 'prefixes', searchOn: '949556, 212' })).toEqual(['+12125550103', '+19495560102']);
    expect(await found({ searchBy: 'region', searchOn: 'ny' })).toEqual(['+12125550103']);
    expect(await found({ searchBy: 'region', searchOn: '949555' })).toEqual(['+19495550101']);
    expect(await found({ searchBy: 'area-code', searchOn: '212' })).toEqual(['+12125550103']);
    expect(await found({ searchBy: 'area-code', searchOn: '949', capabilities: ['voice', 'sms_inbound'] })).toEqual([
      '+19495560102',
    ]);
  });

  it('are not found by nonsense', async () => {
    for (const searchOn of [undefined, '', '%', '1%', '\0', '9', "'"]) {
      for (const searchBy of ['rate-center', 'prefixes', 'region', 'area-code'] as const) {
        expect(await found({ searchBy, searchOn })).toEqual([]);
      }
    }
  });

  it('belong to whoever comes first, and can be asked for again', async () => {
    const no = '+19495550101';
    expect(await store.numbers.get(no)).toMatchObject({ appId: null, provisionedTimeMs: null });
    const results = await Promise.all([appId, otherAppId].map((id) => store.numbers.provision(id, 'CallFlows', no)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.find(({ ok }) => !ok)).toEqual({ ok: false, reason: 'taken' });
    const owner = (await store.numbers.get(no))?.appId ?? '';
    expect(await store.numbers.provision(owner, 'CallFlows', no)).toMatchObject({
      ok: true,
      number: { no, appId: owner, inboundApi: 'CallFlows' },
    });
    expect(await store.numbers.provision(appId, 'CallFlows', '+10000000000')).toEqual({
      ok: false,
      reason: 'not-found',
    });
    expect(await found({ searchBy: 'area-code', searchOn: '949' })).toEqual(['+19495560102']);
  });

  it('are configured by their owner, seen at once', async () => {
    const no = '+19495560102';
    await store.numbers.provision(appId, 'CallFlows', no);
    expect((await store.numbers.get(no))?.configuration).toBeNull();
    expect(await store.numbers.configure(no, otherAppId, configuration)).toBeNull();
    expect(await store.numbers.configure(no, appId, configuration)).toMatchObject({ no });
    expect((await store.numbers.get(no))?.configuration).toMatchObject({
      callback: configuration.callback,
      answer_on_ring: 1,
    });
    expect((await store.numbers.list(appId)).map((number) => number.no)).toContain(no);
    await store.numbers.configure(no, appId, null);
    expect((await store.numbers.get(no))?.configuration).toBeNull();
  });

  it('go back up for sale bare', async () => {
    const no = '+19495560102';
    await store.numbers.configure(no, appId, configuration);
    expect(await store.numbers.release(no, otherAppId)).toBe(false);
    expect(await store.numbers.release(no, appId)).toBe(true);
    expect(await store.numbers.get(no)).toMatchObject({
      appId: null,
      inboundApi: null,
      configuration: null,
      provisionedTimeMs: null,
    });
  });

  it('of SIP users are not for sale', async () => {
    await store.sipUsers.create({ appId, username: 'carol', domain: 'one.example', no: '+12125550199', password: 'x' });
    expect(await store.numbers.provision(otherAppId, 'CallFlows', '+12125550199')).toEqual({
      ok: false,
      reason: 'taken',
    });
    expect(await store.numbers.release('+12125550199', appId)).toBe(false);
  });
});

describe('settings', () => {
  it('hold any JSON value', async () => {
    expect(await store.settings.get('none')).toBeUndefined();
    for (const value of [{ a: ['\0'] }, null, 'text', 4, false]) {
      await store.settings.set('key', value);
      expect(await store.settings.get('key')).toEqual(
        value !== null && typeof value === 'object' ? { a: ['␀'] } : value,
      );
    }
  });
});

it('complains about nothing', () => {
  expect(temporary.complaints).toEqual([]);
});
