/** The start page and the API reference in a real browser. */
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { BrowserTab } from '../lib/chromium.ts';
import { actions, collect, hangUp } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

function elsewhere(tab: BrowserTab, base: string): string[] {
  return tab.requested.filter((url) => !url.startsWith(`${base}/`) && !/^(data|blob|about):/.test(url));
}

test('page: calls are shown with the key only, come and go', { timeoutMs: 90_000 }, async (t) => {
  const server = await sharedServer();
  const base = server.quickstart.http_url.replace(/\/$/, '');
  const user = await CallbackServer.open(t, [
    actions(collect('k', { num_digits: 1, timeout: 80_000 }), hangUp),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, {
    to: number,
    timeoutMs: 85_000,
    afterAck: (scenario) => scenario.expectBye(80_000),
  });
  await phone.sipp.event('answered');
  const callId = String(fieldsOf(await user.first('init_call')).call_id);

  const tab = await BrowserTab.open(t);
  await tab.goTo(`${base}/`);
  await tab.until('the page tells that calls are taken', `document.body.innerText.includes('taking calls')`);
  for (const secret of [number, callId, server.quickstart.sip_user_no, server.quickstart.api_key]) {
    ok(!(await tab.text()).includes(secret), `${secret} is shown without a key`);
  }
  ok(!tab.requested.some((url) => url.includes('/v1/')), 'the API is not asked without a key');

  await tab.type('#key', 'vx_wrong');
  await tab.until('the error of a wrong key', `document.querySelector('.notice.error') !== null`);
  matches(await tab.text(), /key/i, 'the error tells what is wrong');
  ok(!(await tab.text()).includes(number), 'a call is shown with a wrong key');

  const seen = (what: string) => `document.body.innerText.includes(${JSON.stringify(what)})`;
  await tab.type('#key', server.quickstart.api_key);
  await tab.until('the call appears', `${seen(number)} && ${seen(callId)} && ${seen('in progress')}`);
  equal(await tab.value(`document.querySelector('#key').value`), '', 'the key stays in its field');
  await phone.media.press('1');
  await phone.sipp.succeeded();
  const inTable = (table: string) => `document.querySelector('${table}').innerText.includes(${JSON.stringify(callId)})`;
  await tab.until('the call moves to the last ones', `!${inTable('#calls')} && ${inTable('#past')}`, 60_000);
  equal(elsewhere(tab, base), [], 'requests to other hosts');
  equal(tab.errors, [], 'errors in the page');
});

test('page: the API reference loads from nowhere else', { timeoutMs: 60_000 }, async (t) => {
  const base = (await sharedServer()).quickstart.http_url.replace(/\/$/, '');
  const tab = await BrowserTab.open(t);
  await tab.goTo(`${base}/reference`);
  await tab.until(
    'the reference is drawn',
    `document.body.innerText.includes('List Available Inbound Numbers')`,
    40_000,
  );
  equal(elsewhere(tab, base), [], 'requests to other hosts');
  equal(tab.errors, [], 'errors in the page');
});
