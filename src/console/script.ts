/**
 * The one script; without it everything can be read and decided. With it times stay true, and live pages follow the stream: when a line comes, the
 * same page is fetched again and its main part put in the place of the old one, so that nothing can be missing or there twice. What somebody is
 * writing is left alone. A tab that nobody sees lets go of its stream: browsers give a site six connections for all tabs.
 */
export const SCRIPT = `
const main = document.getElementById('main');
const banner = document.getElementById('live');
const skewMs = Date.now() - Number(main.dataset.now);

const UNITS = [['d', 86400000], ['h', 3600000], ['m', 60000], ['s', 1000]];
const distance = (atMs) => {
  const nowMs = Date.now() - skewMs;
  let rest = Math.abs(nowMs - atMs);
  if (rest < 1000) return 'now';
  const parts = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(count + unit);
  }
  const text = parts.slice(0, 2).join(' ');
  return atMs < nowMs ? text + ' ago' : 'in ' + text;
};
const renewTimes = () => {
  for (const one of document.querySelectorAll('[data-at]')) {
    const text = distance(Number(one.dataset.at));
    if (one.textContent !== text) one.textContent = text;
  }
};
setInterval(renewTimes, 5000);

const say = (text, ...more) => banner.replaceChildren(...(text === '' ? [] : [text, ...more]));
const clock = () => new Date().toTimeString().slice(0, 5);
const link = (text, act) => {
  const button = document.createElement('button');
  button.className = 'quiet';
  button.textContent = text;
  button.addEventListener('click', act);
  return button;
};

const isWritten = (field) => {
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
  if (field.tagName === 'SELECT') {
    const first = [...field.options].findIndex((one) => one.defaultSelected);
    return field.selectedIndex !== Math.max(first, 0);
  }
  return field.type !== 'hidden' && field.value !== field.defaultValue;
};
const isWriting = () => [...main.querySelectorAll('input,textarea,select')].some((field) => field === document.activeElement || isWritten(field));

const placeOf = (element) => {
  if (element === null || element === main || !main.contains(element)) return undefined;
  const same = [...main.querySelectorAll(element.tagName)].filter((one) => one.textContent === element.textContent);
  return { tag: element.tagName, text: element.textContent, at: same.indexOf(element) };
};
const backTo = (place) => {
  if (place === undefined) return;
  const same = [...main.querySelectorAll(place.tag)].filter((one) => one.textContent === place.text);
  same[Math.min(place.at, same.length - 1)]?.focus({ preventScroll: true });
};

if (main.dataset.live) {
  let busy = false, again = false, lostAt, stream, wait;

  const lost = () => {
    lostAt ??= clock();
    say('Not live since ' + lostAt + '. It connects again by itself; or ', link('load the page again', () => location.reload()));
  };
  const refresh = async () => {
    if (busy) { again = true; return; }
    if (isWriting()) {
      say('There is news. What you are writing was left alone: ', link('show the news, drop the text', () => location.reload()));
      again = true;
      return;
    }
    busy = true; again = false;
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
      if (answer.redirected) return location.reload();
      if (!answer.ok) return lost();
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.getElementById('main');
      if (fresh === null) return lost();
      if (isWriting()) { again = true; return; }
      const open = [...main.querySelectorAll('details')].map((one) => [one.id, one.open]);
      const place = placeOf(document.activeElement);
      main.replaceChildren(...fresh.childNodes);
      for (const [id, isOpen] of open) {
        const one = id === '' ? null : document.getElementById(id);
        if (one !== null) one.open = isOpen;
      }
      backTo(place);
      document.querySelector('footer').replaceChildren(...page.querySelector('footer').childNodes);
      if (lostAt === undefined) say('');
    } catch { lost(); }
    finally { busy = false; if (again) soon(500); }
  };
  const soon = (ms) => { clearTimeout(wait); wait = setTimeout(refresh, ms); };

  const follow = (isBack) => {
    stream?.close();
    stream = new EventSource(main.dataset.live);
    stream.addEventListener('open', () => {
      if (lostAt !== undefined || isBack) soon(0);
      lostAt = undefined;
      isBack = true;
      say('');
    });
    stream.addEventListener('message', () => soon(200));
    stream.addEventListener('error', () => {
      lost();
      // The browser comes back by itself, with the id of its last line, unless it was refused: then we do.
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => { if (!document.hidden) follow(true); }, 3000);
    });
  };
  if (!document.hidden) follow(false);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { stream?.close(); return; }
    follow(true);
  });
  main.addEventListener('focusout', () => { if (again) soon(200); });
}
`;
