/** The look of the page: light and dark, narrow and wide. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --text: #1d1c1d; --quiet: #616061; --line: #dddde0; --side: #3a1f4a; --side-text: #e3d9e8; --here: #1164a3; --link: #1264a3;
  --green: #007a5a; --red: #d7263d; --code: #c01343; --soft: #f6f6f7; --only: #f8f4ff; --mention: #e8f5fa; }
@media (prefers-color-scheme: dark) { :root { --ground: #1a1d21; --text: #e3e3e4; --quiet: #abacad; --line: #3d4045; --side: #171225; --side-text: #cfc6da; --here: #1164a3; --link: #4fb0ee;
  --green: #16805f; --red: #d33a4d; --code: #f0879c; --soft: #23262b; --only: #241f33; --mention: #14344a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.47 "Lato", "Noto Sans", system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
.frame { display: flex; height: calc(100vh - 1.6rem); }
nav { flex: 0 0 13rem; overflow: auto; background: var(--side); color: var(--side-text); padding: 0 .6rem 1rem; }
nav .team { font-weight: 700; font-size: 1.1rem; padding: .85rem .5rem; color: #fff; }
nav h2 { font-size: .8rem; font-weight: 400; margin: .9rem .5rem .2rem; opacity: .85; }
nav ul { list-style: none; margin: 0; padding: 0; } nav a { display: block; color: inherit; padding: .15rem .5rem; border-radius: 6px; }
nav a:hover { background: #ffffff1c; text-decoration: none; } nav a[aria-current] { background: var(--here); color: #fff; }
main { flex: 1 1 0; min-width: 0; display: flex; flex-direction: column; }
aside { width: 23rem; max-width: 100%; height: 100%; border-left: 1px solid var(--line); display: flex; flex-direction: column; }
.bar { display: flex; gap: .8rem; align-items: baseline; justify-content: flex-start; border-bottom: 1px solid var(--line); padding: .7rem 1.2rem; }
.bar h1 { font-size: 1.1rem; margin: 0; } aside .bar { justify-content: space-between; }
#live { flex: 1; overflow: auto; } aside .messages { flex: 1; overflow: auto; } .quiet, time { color: var(--quiet); font-size: .8rem; } .empty { padding: 1.5rem; }
.messages { list-style: none; margin: 0; padding: .5rem 0; }
article { display: flex; gap: .65rem; padding: .45rem 1.2rem; } article:hover { background: var(--soft); } article.only { background: var(--only); }
.face { flex: 0 0 36px; height: 36px; border-radius: 6px; color: #fff; font-weight: 700; display: grid; place-items: center; margin-top: .15rem; }
.f0 { background: #20513f; } .f1 { background: #8a4b2a; } .f2 { background: #2a5f8a; } .f3 { background: #6b3f8f; } .f4 { background: #8f3f5c; } .f5 { background: #4a6b1f; }
.said { min-width: 0; flex: 1; max-width: 46rem; overflow-wrap: anywhere; } .who { display: flex; gap: .45rem; align-items: baseline; }
.app { font-size: .62rem; background: var(--line); border-radius: 3px; padding: 0 .25rem; }
.b-header { font-size: 1.12rem; margin: .3rem 0 .15rem; } .b-section { display: flex; gap: 1rem; justify-content: space-between; margin: .25rem 0; } .b-text { min-width: 0; flex: 1; }
.b-fields { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .35rem 1rem; margin: .3rem 0; }
.b-context { color: var(--quiet); font-size: .8rem; display: flex; flex-wrap: wrap; gap: .15rem .8rem; margin: .25rem 0; }
.b-actions { display: flex; flex-wrap: wrap; gap: .5rem; margin: .45rem 0; }
hr { border: 0; border-top: 1px solid var(--line); margin: .6rem 0; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 4px; padding: .5rem; margin: .3rem 0; white-space: pre-wrap; font: 12.5px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; background: var(--soft); border: 1px solid var(--line); border-radius: 3px; padding: .05rem .2rem; color: var(--code); font: 12.5px ui-monospace, "DejaVu Sans Mono", monospace; }
blockquote { border-left: 4px solid var(--line); margin: .1rem 0; padding-left: .7rem; }
.mention { background: var(--mention); color: var(--link); border-radius: 3px; padding: 0 .15rem; }
table { border-collapse: collapse; margin: .4rem 0; } td { border: 1px solid var(--line); padding: .2rem .5rem; }
button, .button { font: inherit; font-size: .88rem; font-weight: 700; border-radius: 6px; border: 1px solid var(--line); padding: .28rem .75rem; cursor: pointer; background: var(--ground); color: var(--text); }
button.primary { background: var(--green); border-color: var(--green); color: #fff; } button.danger { background: var(--red); border-color: var(--red); color: #fff; }
button:focus-visible, a:focus-visible, input:focus-visible, select:focus-visible, textarea:focus-visible { outline: 3px solid #1d9bd1; outline-offset: 1px; }
form.press { display: inline-flex; gap: .4rem; } input, select, textarea { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--quiet); border-radius: 5px; padding: .3rem .5rem; max-width: 100%; }
input[type=checkbox], input[type=radio] { width: auto; } .choices { display: grid; gap: .2rem; }
.composer { display: flex; gap: .5rem; margin: .6rem 1.2rem 1rem; } .composer input[name=text] { flex: 1; min-width: 0; padding: .5rem .7rem; border-radius: 8px; }
.replies, .reply { font-size: .82rem; font-weight: 700; display: inline-block; margin-top: .2rem; } .reply { font-weight: 400; color: var(--quiet); }
@media (hover: hover) { .reply { opacity: 0; margin-top: 0; height: 0; } article:hover .reply, .reply:focus { opacity: 1; height: auto; } }
.reactions, .files { display: flex; gap: .35rem; margin-top: .25rem; } .reactions span, .file { border: 1px solid var(--line); background: var(--soft); border-radius: 10px; padding: 0 .45rem; font-size: .82rem; }
.file { border-radius: 6px; padding: .3rem .6rem; } .notice { margin: .8rem 1.2rem; padding: .55rem .8rem; border: 1px solid var(--red); border-left-width: 5px; border-radius: 5px; }
.home { padding: 1rem 1.2rem; max-width: 46rem; } .foot { margin: 0; padding: .15rem 1rem; font-size: .75rem; color: var(--quiet); border-top: 1px solid var(--line); height: 1.6rem; overflow: hidden; }
.shade { position: fixed; inset: 0; background: #0009; display: grid; place-items: center; padding: 1rem; }
.modal { background: var(--ground); width: 32rem; max-width: 100%; max-height: 90vh; overflow: auto; border-radius: 9px; box-shadow: 0 12px 40px #0007; } .modal.small { width: 25rem; }
.modal header { padding: .9rem 1.3rem .3rem; } .modal h2 { margin: 0; font-size: 1.25rem; } .modal .inside { padding: .3rem 1.3rem; overflow-wrap: anywhere; } /* What Enter does comes first in the page, and last on the screen. */
.modal footer { display: flex; flex-direction: row-reverse; gap: .6rem; padding: .9rem 1.3rem 1.1rem; }
.field { display: grid; gap: .25rem; margin: .7rem 0; } .label { font-weight: 700; } .wrong { color: var(--red); font-size: .85rem; } .modal .notice { margin: .5rem 0; }
@media (max-width: 760px) { .frame { flex-direction: column; height: auto; } #live, aside .messages { overflow: visible; } nav { flex-basis: auto; } nav ul { display: flex; flex-wrap: wrap; } nav h2 { margin-top: .3rem; } aside { width: 100%; border-left: 0; border-top: 1px solid var(--line); } .b-section { flex-wrap: wrap; } }
`;

/** Takes over what changed without losing what is being typed. Without scripts the page reloads by itself. */
export const LIVE = `
const look = async () => {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const id of ['live', 'beside', 'over']) {
    const old = document.getElementById(id);
    const now = next.getElementById(id);
    const sameModal = id === 'over' && old.querySelector('[data-hash]')?.dataset.hash === now.querySelector('[data-hash]')?.dataset.hash;
    if (old.contains(document.activeElement) && document.activeElement.matches('input, textarea, select')) continue;
    if (old.innerHTML !== now.innerHTML && !(sameModal && old.querySelector('[data-hash]'))) old.replaceChildren(...now.childNodes);
  }
  toEnd();
};
new EventSource('live').addEventListener('changed', () => void look());
const toEnd = () => {
  const live = document.getElementById('live');
  live.scrollTop = live.scrollHeight;
};
toEnd();
`;
