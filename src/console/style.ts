/** The one style sheet: for light and dark, and from 320 px on. */
export const STYLE = `
:root{color-scheme:light dark;--text:#1f2328;--back:#fff;--panel:#f6f8fa;--line:#d0d7de;--soft:#57606a;--good:#116329;--bad:#b3151f;--warn:#7d4e00;--link:#0550ae;--button:#0550ae;--on-button:#fff}
@media (prefers-color-scheme:dark){:root{--text:#e6edf3;--back:#0d1117;--panel:#161b22;--line:#3d444d;--soft:#9da7b1;--good:#57ab5a;--bad:#ff8a80;--warn:#e3b341;--link:#79b8ff;--button:#79b8ff;--on-button:#0d1117}}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back);overflow-wrap:anywhere}
header,main,footer{max-width:1100px;margin:0 auto;padding:.5rem 1rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;border-bottom:1px solid var(--line)}
header nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem}
header .who{margin-left:auto}
a{color:var(--link)}a[aria-current]{font-weight:600;color:var(--text)}
.name{font-weight:700;color:var(--text);text-decoration:none}
h1{font-size:1.4rem;margin:1rem 0 .25rem}h2{font-size:1.1rem;margin:1.5rem 0 .25rem}
.answer{font-size:1.1rem;margin:.25rem 0}.soft,time{color:var(--soft)}time{font-variant-numeric:tabular-nums}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
.tag{display:inline-block;padding:0 .4rem;border:1px solid currentColor;border-radius:.3rem;font-size:.85rem;font-weight:600}
article,.panel{border:1px solid var(--line);border-radius:.4rem;padding:.5rem .75rem;margin:.5rem 0}
.panel{background:var(--panel)}
article h3{font-size:1rem;margin:0}article p{margin:.1rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.5rem 0}dt{color:var(--soft)}dd{margin:0}
ol,ul{padding-left:1.2rem}ol.timeline{list-style:none;padding:0}.timeline li{padding:.2rem 0;border-bottom:1px solid var(--line)}
pre{overflow-x:auto;margin:.3rem 0;padding:.5rem;border:1px solid var(--line);border-radius:.3rem;font:13px/1.5 ui-monospace,monospace;white-space:pre-wrap}
pre ins,pre del,pre .change{display:block;text-decoration:none}pre ins{color:var(--good)}pre del{color:var(--bad)}pre .change{color:var(--warn)}
form.stack{display:grid;gap:.5rem;max-width:36rem;margin:.5rem 0}
label{display:grid;gap:.15rem}label.row{display:flex;gap:.5rem;align-items:center}
input,select,textarea,button{font:inherit;color:inherit}
input:not([type=checkbox]),select,textarea{width:100%;padding:.35rem .5rem;border:1px solid var(--soft);border-radius:.3rem;background:var(--back)}
button{padding:.35rem .9rem;border:1px solid var(--button);border-radius:.3rem;background:var(--button);color:var(--on-button);cursor:pointer;justify-self:start}
button.quiet{background:none;color:var(--link);border-color:var(--line)}button.danger{background:none;color:var(--bad);border-color:currentColor}
:focus-visible{outline:3px solid var(--link);outline-offset:1px}
details summary{cursor:pointer;color:var(--link)}
@media (max-width:480px){dl{grid-template-columns:1fr}dd{margin-bottom:.3rem}}
`;

/**
 * Live pages: when a line comes, the same page is fetched again and its main part put in the place of the old one. A form that somebody is filling in
 * is left alone. Without scripts the page says what it was when it was loaded.
 */
export const SCRIPT = `
const main = document.querySelector('main[data-live]');
if (main) {
  let busy = false, again = false;
  const isTyping = () => main.contains(document.activeElement) && /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
  const refresh = async () => {
    if (busy || isTyping()) { again = true; return; }
    busy = true; again = false;
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
      if (answer.redirected) return location.reload();
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const open = [...main.querySelectorAll('details[open]')].map((one) => one.id);
      if (!isTyping()) main.replaceChildren(...page.querySelector('main').childNodes);
      for (const id of open) if (id) document.getElementById(id)?.setAttribute('open', '');
    } finally { busy = false; if (again) setTimeout(refresh, 500); }
  };
  let wait;
  new EventSource(main.dataset.live).addEventListener('message', () => { clearTimeout(wait); wait = setTimeout(refresh, 200); });
  main.addEventListener('focusout', () => { if (again) setTimeout(refresh, 200); });
}
`;
