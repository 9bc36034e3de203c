// The page works without this script. It adds filters (kept in the address), arrow keys in the grids, the column's
// highlight, and Escape to close a panel.
"use strict";
(() => {
  const root = document.documentElement;
  const form = document.getElementById("filters");
  const said = form && form.querySelector("output");
  const fields = ["format", "probe", "producer", "consumer", "text"];
  root.classList.add("js");

  // Every cell of the sheets, by the names in its row, its column and its table.
  const heads = (table) => [...table.querySelectorAll("thead tr:last-child th")];
  const cells = [];
  const pairs = new Map();
  for (const table of document.querySelectorAll("table.small")) {
    const columns = heads(table);
    for (const row of table.tBodies[0].rows) {
      [...row.querySelectorAll("td")].forEach((td, at) => {
        const { format, consumer } = columns[at].dataset;
        const cell = {
          link: td.firstElementChild, verdict: td.className.match(/v-(\w+)/)[1],
          probe: table.dataset.probe, producer: row.dataset.producer, format, consumer,
        };
        cells.push(cell);
        const pair = JSON.stringify([format, cell.producer, consumer]);
        if (!pairs.has(pair)) pairs.set(pair, []);
        pairs.get(pair).push(cell);
      });
    }
  }

  // What the free text is looked for in: the cell's own words, and the story that it shares with others. A story is
  // looked through once for all of its cells.
  const stories = new Map();
  const look = (cell) => {
    if (cell.words !== undefined) return;
    const own = document.getElementById(decodeURIComponent(cell.link.hash.slice(1)));
    cell.story = own && own.closest(".panel");
    const said = own !== cell.story && own.querySelector(".telling");
    const names = [cell.probe, cell.format, cell.producer, cell.consumer, cell.verdict];
    cell.words = [...names, said ? said.textContent : ""].join(" ").toLowerCase();
    if (cell.story && !stories.has(cell.story)) {
      stories.set(cell.story, cell.story.querySelector(".story").textContent.toLowerCase());
    }
  };

  const chosen = () => {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
    return query;
  };

  const filter = () => {
    const query = chosen();
    const verdicts = query.getAll("verdict");
    const text = (query.get("text") || "").toLowerCase();
    if (text) cells.forEach(look);
    const telling = new Set([...stories].filter(([, words]) => words.includes(text)).map(([story]) => story));
    const wanted = (cell) =>
      (!verdicts.length || verdicts.includes(cell.verdict)) &&
      (!text || telling.has(cell.story) || cell.words.includes(text)) &&
      fields.every((name) => name === "text" || !query.get(name) || query.get(name) === cell[name]);
    let found = 0;
    for (const cell of cells) {
      cell.wanted = wanted(cell);
      cell.link.classList.toggle("dim", !cell.wanted);
      found += cell.wanted;
    }
    const differs = (name, value) => Boolean(query.get(name)) && value !== undefined && query.get(name) !== value;
    for (const table of document.querySelectorAll("table.grid:not(.faults)")) {
      const columns = heads(table);
      const out = columns.map((th) => differs("consumer", th.dataset.consumer) || differs("format", th.dataset.format));
      const first = columns.map((th, at) =>
        !out[at] && columns.findIndex((other, i) => other.dataset.format === th.dataset.format && !out[i]) === at);
      columns.forEach((th, at) => {
        th.hidden = out[at];
        if (th.dataset.format) th.classList.toggle("edge", first[at]);
      });
      for (const th of table.querySelectorAll("th[scope=colgroup]")) {
        const shown = columns.filter((column) => column.dataset.format === th.dataset.format && !column.hidden).length;
        th.hidden = !shown;
        th.colSpan = Math.max(shown, 1);
      }
      for (const row of table.tBodies[0].rows) {
        row.hidden = differs("producer", row.dataset.producer);
        [...row.querySelectorAll("td")].forEach((td, at) => {
          td.hidden = out[at];
          if (columns[at].dataset.format) td.classList.toggle("edge", first[at]);
        });
      }
    }
    for (const view of document.querySelectorAll(".view")) {
      view.hidden = differs("format", view.dataset.format);
      const columns = heads(view);
      for (const row of view.querySelectorAll("tbody tr")) {
        [...row.querySelectorAll("td")].forEach((td, at) => {
          const pair = JSON.stringify([view.dataset.format, row.dataset.producer, columns[at].dataset.consumer]);
          td.firstElementChild.classList.toggle("dim", !(pairs.get(pair) || []).some((cell) => cell.wanted));
        });
      }
    }
    for (const sheet of document.querySelectorAll(".sheet")) sheet.hidden = differs("probe", sheet.dataset.probe);
    const number = new Intl.NumberFormat("en");
    said.textContent = query.size
      ? `${number.format(found)} of ${number.format(cells.length)} cells match. The numbers in the overview stay those of the whole run.`
      : "";
    const search = query.size ? "?" + query : location.pathname;
    history.replaceState(null, "", search + location.hash);
  };

  // A page about one model file has nothing to filter.
  if (form) {
    const given = new URLSearchParams(location.search);
    for (const name of fields) {
      const field = form.elements[name];
      const value = given.get(name);
      if (value && (name === "text" || [...field.options].some((option) => option.value === value))) field.value = value;
    }
    for (const box of form.querySelectorAll("input[name=verdict]")) box.checked = given.getAll("verdict").includes(box.value);
    // A moment's rest between keys, so that typing stays quick on a page of many cells.
    let rest = 0;
    form.addEventListener("input", () => { clearTimeout(rest); rest = setTimeout(filter, 80); });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(filter));
    if (given.size) filter();
  }

  // The column of the cell under the pointer or the focus.
  let lit = null;
  const light = (event) => {
    const td = event.target.closest && event.target.closest(".grid tbody td");
    const head = td ? heads(td.closest("table"))[[...td.parentNode.querySelectorAll("td")].indexOf(td)] : null;
    if (head === lit) return;
    if (lit) lit.classList.remove("on");
    if (head) head.classList.add("on");
    lit = head;
  };
  document.addEventListener("pointerover", light);
  document.addEventListener("focusin", light);

  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") {
      const open = document.querySelector(".panel:target, .panel:has(:target)");
      if (!open) return;
      const close = open.querySelector("li:target .close") || open.querySelector(":scope > .close");
      location.hash = close.hash;
      return;
    }
    const move = moves[event.key];
    const td = move && event.target.closest(".grid tbody td");
    if (!td) return;
    const rows = [...td.closest("tbody").rows].filter((row) => !row.hidden);
    const inside = (row) => [...row.querySelectorAll("td")].filter((cell) => !cell.hidden);
    const row = rows[rows.indexOf(td.parentNode) + move[0]];
    const next = row && inside(row)[inside(td.parentNode).indexOf(td) + move[1]];
    event.preventDefault();
    if (next) next.firstElementChild.focus();
  });

  // A panel that opens takes the focus, so that a keyboard and a screen reader are where the eye is; the cell that
  // it belongs to stays marked in its grid.
  let from = null;
  const quoted = (word) => /^[\w@%+=:,./-]+$/.test(word) ? word : "'" + word.replaceAll("'", "'\"'\"'") + "'";
  const tell = (which, cell) => {
    which.hidden = !cell;
    if (!cell) return;
    const names = [cell.producer, cell.consumer, cell.probe, cell.format];
    which.querySelector("b").textContent = `${cell.producer} → ${cell.consumer}`;
    which.querySelector("span").textContent = `${cell.probe}, ${cell.format}`;
    which.querySelector("code").textContent = ["crossload", "reproduce", ...names.map(quoted)].join(" ");
  };
  document.addEventListener("click", (event) => { from = event.target.closest(".grid td a") || from; });
  const arrive = () => {
    for (const marked of document.querySelectorAll(".grid .open")) marked.classList.remove("open");
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const panel = target && target.closest(".panel");
    // A story that many cells lead to closes to the one that was followed.
    const close = panel && (target.querySelector(".close") || panel.querySelector(".close"));
    if (close && from && from.hash === location.hash) close.hash = from.id;
    const origin = close && document.getElementById(decodeURIComponent(close.hash.slice(1)));
    if (origin && origin.closest(".grid")) origin.classList.add("open");
    if (panel) {
      const which = panel.querySelector(".which");
      if (which) tell(which, from && from.hash === location.hash && cells.find((cell) => cell.link === from));
      panel.scrollTop = 0;
      close.focus({ preventScroll: true });
    }
  };
  window.addEventListener("hashchange", arrive);
  arrive();
})();
