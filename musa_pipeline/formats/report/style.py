"""How the page looks: light and dark as the reader's system is, and on paper. Colours keep a contrast of 4.5 to 1 or more."""

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --ground: #fff; --raised: #f6f8fa; --text: #1f2328; --muted: #59636e; --line: #d1d9e0; --link: #0550ae;
  --plain: #eaeef2; --on-plain: #393f46; --good: #dafbe1; --on-good: #116329; --fair: #fff8c5; --on-fair: #6f4e00;
  --poor: #ffe7d1; --on-poor: #7d3400; --bad: #ffe5e3; --on-bad: #a40e26; --worst: #a40e26; --on-worst: #fff;
  --bar-good: #4aa564; --bar-fair: #e3c54a; --bar-poor: #ec9a4f; --bar-bad: #d9535c; --bar-worst: #8e0b20; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --raised: #151b23; --text: #f0f6fc; --muted: #9fa8b2; --line: #3d444d;
  --link: #79b8ff; --plain: #2a313a; --on-plain: #c8d1da; --good: #12301c; --on-good: #6fdd8b; --fair: #332b00; --on-fair: #eac54f;
  --poor: #3d2300; --on-poor: #ffb77c; --bad: #42171a; --on-bad: #ffa198; --worst: #ff8d85; --on-worst: #2b0205;
  --bar-good: #2f8f4e; --bar-fair: #b3952a; --bar-poor: #c8742a; --bar-bad: #c5404b; --bar-worst: #ff8d85; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; }
header { padding: 2.2rem 2.5rem 1.4rem; border-bottom: 1px solid var(--line); background: var(--raised); }
header h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere; }
header p { margin: .35rem 0 0; color: var(--muted); }
.page { display: grid; grid-template-columns: 13rem minmax(0, 1fr); gap: 2.5rem; max-width: 94rem; padding: 0 2.5rem 4rem; }
nav { position: sticky; top: 0; align-self: start; padding-top: 2rem; }
nav ol { list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: .22rem .7rem; border-left: 2px solid var(--line); color: var(--muted); text-decoration: none; }
nav a:hover, nav a:focus-visible { color: var(--link); border-color: var(--link); }
section { padding-top: 2rem; }
h2 { margin: 0 0 .8rem; font-size: 1.25rem; }
p { margin: .5rem 0; max-width: 75ch; }
code { font: .9em ui-monospace, 'SF Mono', Menlo, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
small { display: block; font-weight: 400; color: var(--muted); font-size: .86em; line-height: 1.4; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: .9rem; margin: 0 0 1.4rem; padding: 0; }
.tile { border: 1px solid var(--line); border-top: 4px solid var(--on-plain); border-radius: .4rem; padding: .7rem .9rem; }
.tile dd { margin: 0; font-size: 1.7rem; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.tile dt { font-weight: 550; }
.tile.good { border-top-color: var(--on-good); } .tile.fair { border-top-color: var(--on-fair); } .tile.poor { border-top-color: var(--on-poor); }
.tile.bad { border-top-color: var(--on-bad); } .tile.bad dd { color: var(--on-bad); } .tile.good dd { color: var(--on-good); }
.bars { display: grid; grid-template-columns: max-content minmax(8rem, 34rem) max-content; gap: .5rem 1rem; align-items: center; margin: .6rem 0 0; }
.bars svg { width: 100%; height: 1.4rem; border-radius: .3rem; display: block; }
rect.good { fill: var(--bar-good); } rect.fair { fill: var(--bar-fair); } rect.poor { fill: var(--bar-poor); } rect.plain { fill: var(--line); }
rect.bad { fill: var(--bar-bad); } rect.worst { fill: var(--bar-worst); }
.scroll { overflow-x: auto; }
.scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; margin: .4rem 0 .8rem; }
th { text-align: left; font-weight: 600; color: var(--muted); white-space: nowrap; border-bottom: 2px solid var(--line); }
th, td { padding: .38rem 1.1rem .38rem 0; vertical-align: top; }
td { border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
td code { white-space: nowrap; } td.long code { white-space: normal; }
.right { text-align: right; white-space: nowrap; }
.badge { display: inline-block; padding: 0 .55rem; border-radius: 1rem; white-space: nowrap; font-size: .9em; background: var(--plain); color: var(--on-plain); }
.badge.good { background: var(--good); color: var(--on-good); } .badge.fair { background: var(--fair); color: var(--on-fair); }
.badge.poor { background: var(--poor); color: var(--on-poor); } .badge.bad { background: var(--bad); color: var(--on-bad); }
.badge.worst { background: var(--worst); color: var(--on-worst); }
figure { margin: 0 0 1.2rem; overflow-x: auto; border: 1px solid var(--line); border-radius: .4rem; padding: .6rem; background: var(--ground); }
figure img { display: block; max-width: 100%; height: auto; margin: 0 auto; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: 0 0 .5rem; }
summary { padding: .5rem .9rem; cursor: pointer; background: var(--raised); border-radius: .4rem; overflow-wrap: anywhere; }
details > div { padding: .2rem .9rem .4rem; }
.more { color: var(--muted); }
@media (max-width: 62rem) { .page { display: block; padding: 0 1.1rem 3rem; } header { padding: 1.4rem 1.1rem 1rem; }
  nav { position: static; padding-top: 1rem; } nav ol { display: flex; flex-wrap: wrap; gap: .2rem .6rem; } nav a { border: 0; padding: .1rem 0; } }
@media (max-width: 36rem) { .bars { grid-template-columns: 1fr; gap: .2rem; } }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print { body { font-size: 10pt; } nav { display: none; } .page { display: block; padding: 0; max-width: none; } header { padding: 0 0 .8rem; background: none; }
  .scroll, figure { overflow: visible; } h2 { break-after: avoid; } tr, figure, .tile { break-inside: avoid; } thead { display: table-header-group; }
  details { border: 0; } summary { background: none; padding: .6rem 0 0; font-weight: 600; } details > div { padding: 0; }
  details::details-content { content-visibility: visible; display: block; } }
""".lstrip()
