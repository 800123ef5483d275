// The start page: asks the public API only, with the key its reader types in.
const REFRESH_MS = 2000;
const byId = (id) => document.getElementById(id);
const keyField = byId('key');
const notice = byId('notice');
const table = byId('calls');
const rows = table.querySelector('tbody');
const past = byId('past');
const pastRows = past.querySelector('tbody');
const PAST_CALLS = 10;
const STATUS_CELL = 5;
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
    await showPast();
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
      const state = call.status === 'live-ringing' ? 'ringing' : 'in progress';
      const since = new Date(call.start_time).toLocaleTimeString();
      return rowOf([call.direction, call.caller_no, call.api_no, state, since], call.call_id);
    }),
  );
}

async function showPast() {
  const answer = await fetch(`/v1/History/Logs/Calls?max_results=${PAST_CALLS}`, {
    headers: { 'X-API-Key': key },
  }).catch(() => null);
  if (answer?.ok !== true) return;
  const { logs } = await answer.json();
  past.hidden = logs.length === 0;
  pastRows.replaceChildren(
    ...logs.map((call) => {
      const ended = new Date(call.end_time).toLocaleTimeString();
      const length = `${Math.round(call.duration / 1000)} s`;
      const row = rowOf([call.direction, call.caller_no, call.api_no, ended, length, call.status], call.call_id);
      if (call.error !== null) {
        const error = document.createElement('small');
        error.textContent = call.error;
        row.cells[STATUS_CELL].append(error);
      }
      return row;
    }),
  );
}

function rowOf(texts, callId) {
  const row = document.createElement('tr');
  for (const text of texts) row.insertCell().textContent = text;
  const code = document.createElement('code');
  code.textContent = callId;
  row.insertCell().append(code);
  return row;
}

function forget(text, isError = false) {
  key = '';
  sessionStorage.removeItem('voxology-key');
  table.hidden = true;
  past.hidden = true;
  byId('forget').hidden = true;
  say(text, isError);
}

function say(text, isError = false) {
  notice.textContent = text;
  notice.classList.toggle('error', isError);
}
