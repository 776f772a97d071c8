/** The one style sheet: for light and dark, from 320 px on, and without anything that moves. */
export const STYLE = `
:root{color-scheme:light dark;--text:#1f2328;--back:#fff;--panel:#f6f8fa;--line:#d0d7de;--soft:#57606a;--good:#116329;--bad:#b3151f;--warn:#7d4e00;--link:#0550ae;--button:#0550ae;--on-button:#fff;--gone:#ffebe9;--made:#e6f6ea}
@media (prefers-color-scheme:dark){:root{--text:#e6edf3;--back:#0d1117;--panel:#161b22;--line:#3d444d;--soft:#9da7b1;--good:#6bc46d;--bad:#ff9a92;--warn:#e3b341;--link:#79b8ff;--button:#79b8ff;--on-button:#0d1117;--gone:#341a1d;--made:#12261b}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back);overflow-wrap:anywhere}
header,main,footer,.banner{max-width:1100px;margin:0 auto;padding:.5rem 1rem}
main:focus{outline:none}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;border-bottom:1px solid var(--line)}
header nav{display:flex;flex-wrap:wrap;gap:0 1rem}
header a{display:inline-block;padding:.2rem 0;min-height:24px}
header .who{margin-left:auto}
footer{border-top:1px solid var(--line);margin-top:2rem;font-size:.9rem}
.skip{position:absolute;left:-999rem;top:0;background:var(--back);padding:.5rem 1rem;z-index:1}.skip:focus{left:0}
.banner{background:var(--panel);border-left:4px solid var(--warn)}.banner:empty{padding:0;border:0}
a{color:var(--link)}a[aria-current]{font-weight:600;color:var(--text)}
.name{font-weight:700;color:var(--text);text-decoration:none}
h1{font-size:1.4rem;line-height:1.3;margin:1rem 0 .25rem}h2{font-size:1.1rem;margin:1.5rem 0 .25rem}h3{font-size:1rem;margin:.75rem 0 .1rem}
.answer{font-size:1.1rem;margin:.25rem 0}.soft{color:var(--soft)}time,.soft{font-variant-numeric:tabular-nums}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
.tag{display:inline-block;padding:0 .4rem;border:1px solid currentColor;border-radius:.3rem;font-size:.85rem;font-weight:600}
article,.panel{border:1px solid var(--line);border-radius:.4rem;padding:.5rem .75rem;margin:.5rem 0}
.panel{background:var(--panel)}.panel>h2{margin-top:.25rem}.bad-edge{border-left:4px solid var(--bad)}.decide{border-left:4px solid var(--link)}
.locked{color:var(--soft);border-left:3px solid var(--line);padding-left:.6rem;margin:.5rem 0}
section p,.panel p{margin:.25rem 0}article h3{margin:0}article p{margin:.1rem 0}
article h3 a,.paging a,.links a{display:inline-block;min-height:24px}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) minmax(0,1fr);gap:.1rem 1rem;margin:.5rem 0}dt{color:var(--soft);max-width:16rem}dd{margin:0;min-width:0}dd p{margin:0}dd dl{margin:0}
.said{white-space:pre-line}
ol,ul{padding-left:1.2rem;margin:.3rem 0}ol.timeline,ul.diff{list-style:none;padding:0}.timeline li{padding:.25rem 0;border-bottom:1px solid var(--line)}
pre,.side{margin:.3rem 0;padding:.4rem .5rem;border:1px solid var(--line);border-radius:.3rem;font:13px/1.5 ui-monospace,monospace;white-space:pre-wrap;min-width:0}
ul.diff li{display:grid;grid-template-columns:minmax(0,1fr);gap:0 .75rem;padding:.3rem 0;border-bottom:1px solid var(--line)}
.what{font:14px/1.5 ui-monospace,monospace}.side b,.side span{display:block}
.side .gone{background:var(--gone);color:var(--bad)}.side .made{background:var(--made);color:var(--good)}
table{border-collapse:collapse;width:100%;margin:.5rem 0}th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:600}
form{margin:.5rem 0}header form{margin:0 0 0 auto}
form.stack{display:grid;gap:.6rem;max-width:36rem}form.search{display:grid;grid-template-columns:repeat(auto-fill,minmax(12rem,1fr));gap:.5rem;align-items:end}
label{display:grid;gap:.15rem}label.row{display:flex;gap:.5rem;align-items:center}
input,select,textarea,button{font:inherit;color:inherit;min-width:0}
input:not([type=checkbox]),select,textarea{width:100%;min-height:2.2rem;padding:.35rem .5rem;border:1px solid var(--soft);border-radius:.3rem;background:var(--back)}
input[type=checkbox]{width:1.3rem;height:1.3rem;flex:none}
button,a.button{display:inline-block;min-height:2.2rem;padding:.35rem .9rem;border:1px solid var(--button);border-radius:.3rem;background:var(--button);color:var(--on-button);cursor:pointer;justify-self:start;text-align:left}
a.button{text-decoration:none}button.quiet{background:none;color:var(--link);border-color:var(--line)}button.danger{background:none;color:var(--bad);border-color:currentColor}
.buttons{display:flex;flex-wrap:wrap;gap:.6rem}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
summary{cursor:pointer;color:var(--link);min-height:24px}
@media (min-width:900px){ul.diff li.sides{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}ul.diff li.sides .what{grid-column:1/-1}}
@media (max-width:560px){dl{grid-template-columns:minmax(0,1fr)}dd{margin-bottom:.3rem}table,tbody,tr,td,th{display:block}thead{display:none}tr{padding:.3rem 0;border-bottom:1px solid var(--line)}td,th{border:0;padding:0}}
@media (prefers-reduced-motion:reduce){*{scroll-behavior:auto!important;transition:none!important;animation:none!important}}
`;
