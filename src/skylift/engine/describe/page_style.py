"""How the page of an Api looks: light or dark as the reader's system is, nothing downloaded."""

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #ffffff; --raised: #f6f7f9; --line: #e1e5ea; --ink: #1b2430; --dim: #5b6776;
  --link: #0b62c4; --get: #0b62c4; --post: #14793f; --put: #9a5b00; --patch: #7446b8;
  --delete: #c02a37; --code: #f1f3f6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #11161d; --raised: #181f28; --line: #2a3440; --ink: #e4e9ef; --dim: #98a5b4;
    --link: #6cb0ff; --get: #6cb0ff; --post: #5fce92; --put: #e8b04b; --patch: #bb98f0;
    --delete: #ff8089; --code: #1d2631;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
code, pre, .path, .type { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code, .type { font-size: .875em; overflow-wrap: anywhere; }
.layout { display: grid; grid-template-columns: minmax(13rem, 18rem) minmax(0, 1fr); }
nav {
  position: sticky; top: 0; align-self: start; height: 100vh; overflow-y: auto;
  padding: 1.5rem 1rem 2rem 1.5rem; border-right: 1px solid var(--line);
  background: var(--raised); font-size: .875rem;
}
nav ul { list-style: none; margin: 0 0 1.25rem; padding: 0; }
nav li a { display: flex; gap: .5rem; padding: .2rem 0; color: var(--ink); align-items: baseline; }
nav .path { overflow-wrap: anywhere; font-size: .8125rem; }
nav h2 { font-size: .75rem; color: var(--dim); margin: 0 0 .35rem; letter-spacing: .04em; }
main { padding: 2rem clamp(1rem, 4vw, 3rem) 5rem; max-width: 60rem; }
h1 { font-size: 1.375rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h1 + p { margin: .15rem 0 1.5rem; }
h2.group { font-size: 1.25rem; margin: 0 0 .75rem; }
article + h2.group { margin-top: 3rem; }
summary { cursor: pointer; font-size: .8125rem; color: var(--dim); margin-top: .75rem; }
summary code { margin-left: .25rem; }
h3 { display: flex; flex-wrap: wrap; gap: .6rem; align-items: baseline; margin: 0; }
h3 .path { font-size: 1.0625rem; font-weight: 600; overflow-wrap: anywhere; }
h4 { font-size: .8125rem; color: var(--dim); margin: 1.25rem 0 .35rem; font-weight: 600; }
.dim { color: var(--dim); }
.method {
  font: 700 .6875rem/1 ui-monospace, Menlo, Consolas, monospace; letter-spacing: .03em;
  padding: .3rem .4rem; border-radius: .3rem; border: 1px solid currentColor; flex: none;
}
nav .method { border: 0; padding: 0; min-width: 3.1rem; }
.GET { color: var(--get); } .POST { color: var(--post); } .PUT { color: var(--put); }
.PATCH { color: var(--patch); } .DELETE { color: var(--delete); }
article {
  border: 1px solid var(--line); border-radius: .6rem; padding: 1.1rem 1.25rem 1.25rem;
  margin: 0 0 1rem;
}
article p { margin: .5rem 0 0; white-space: pre-line; }
article:target { border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th { text-align: left; font-weight: 600; color: var(--dim); font-size: .75rem; }
th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
td:first-child { white-space: nowrap; }
.required { color: var(--delete); font-size: .75rem; margin-left: .35rem; }
pre {
  background: var(--code); border-radius: .45rem; padding: .75rem .9rem; margin: 0;
  overflow-x: auto; font-size: .8125rem; line-height: 1.5;
}
@media (max-width: 48rem) {
  .layout { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line);
    padding: 1rem; }
  h1 + p { margin-bottom: .75rem; }
  .index { max-height: 11rem; overflow-y: auto; }
  article { padding: .9rem; }
  table, tbody, tr { display: block; }
  thead { display: none; }
  tr { padding: .45rem 0; border-bottom: 1px solid var(--line); }
  tr:last-child { border-bottom: 0; }
  td { display: inline-block; border: 0; padding: .05rem .75rem .05rem 0; }
  td:empty { display: none; }
}
"""
