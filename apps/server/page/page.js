// The start page: asks the public API only, with the key its reader types in.
const REFRESH_MS = 2000;
const byId = (id) => document.getElementById(id);
const keyField = byId('key');
const notice = byId('notice');
const table = byId('calls');
const rows = table.querySelector('tbody');
let key = sessionStorage.getItem('voxology-key') ?? '';
let timer;

byId('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  key = keyField.value.trim();
  keyField.value = '';
  void refresh();
});
byId('forget').addEventListener('click', () => forget('The key is forgotten.'));

void health();
if (key !== '') void refresh();

async function health() {
  const answer = await fetch('/healthz').catch(() => null);
  const good = answer?.ok === true;
  byId('health-dot').className = `dot ${good ? 'good' : 'bad'}`;
  byId('health').textContent = good ? 'taking calls' : answer === null ? 'not reachable' : (await answer.json()).status;
  setTimeout(health, REFRESH_MS);
}

async function refresh() {
  clearTimeout(timer);
  if (key === '') return;
  // A header takes no other characters than these, and no key has them.
  if (/[^\x21-\x7e]/.test(key)) {
    forget('This is no API key: it has characters that no key has.', true);
    return;
  }
  const answer = await fetch('/v1/LiveCalls', { headers: { 'X-API-Key': key } }).catch(() => null);
  if (answer === null) say('The server is not reachable.', true);
  else if (!answer.ok) {
    const { message, help } = await answer.json();
    if (answer.status === 401) {
      forget(`${message}. ${help}`, true);
      return;
    }
    say(`${message}. ${help}`, true);
  } else {
    sessionStorage.setItem('voxology-key', key);
    byId('forget').hidden = false;
    show((await answer.json()).live_calls);
  }
  timer = setTimeout(refresh, REFRESH_MS);
}

function show(calls) {
  table.hidden = calls.length === 0;
  say(
    calls.length === 0
      ? 'No calls at the moment. Dial a number and it appears here.'
      : `${calls.length} call${calls.length === 1 ? '' : 's'} up.`,
  );
  rows.replaceChildren(
    ...calls.map((call) => {
      const row = document.createElement('tr');
      const state = call.status === 'live-ringing' ? 'ringing' : 'in progress';
      for (const text of [
        call.direction,
        call.caller_no,
        call.api_no,
        state,
        new Date(call.start_time).toLocaleTimeString(),
      ]) {
        row.insertCell().textContent = text;
      }
      const code = document.createElement('code');
      code.textContent = call.call_id;
      row.insertCell().append(code);
      return row;
    }),
  );
}

function forget(text, isError = false) {
  key = '';
  sessionStorage.removeItem('voxology-key');
  table.hidden = true;
  byId('forget').hidden = true;
  say(text, isError);
}

function say(text, isError = false) {
  notice.textContent = text;
  notice.classList.toggle('error', isError);
}
