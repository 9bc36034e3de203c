// The first page of a run: leads links of earlier days on to the page where their place is now, and finds cells. All
// cells lie in one small file that is loaded when the first question is asked.
"use strict";
(() => {
  const form = document.getElementById("filters");
  const said = form.querySelector("output");
  const list = form.querySelector(".found");
  const fields = ["format", "probe", "producer", "consumer", "text"];
  const LISTED = 100;

  // #probe/format/producer/consumer, #format/producer/consumer, #upgrade:producer/consumer, #probe:…, #cause:…
  const lead = () => {
    const hash = decodeURIComponent(location.hash.slice(1));
    const parts = hash.split("/");
    const named = parts.length === 4 ? `probe:${parts[0]}`
      : parts.length === 3 ? `environment:${parts[1]}`
      : hash.startsWith("upgrade:") ? `environment:${parts[0].slice(8)}`
      : /^(probe|cause|unclassified):/.test(hash) ? hash : "";
    const link = named && document.getElementById(named);
    if (link && link.href) location.replace(link.href.split("#")[0] + location.hash);
  };
  window.addEventListener("hashchange", lead);
  lead();

  let table = null;
  const asked = [];
  globalThis.crossload = (data) => {
    table = unpack(data);
    for (const go of asked.splice(0)) go();
  };
  const load = (go) => {
    if (table) return go();
    asked.push(go);
    if (asked.length > 1) return;
    said.textContent = "Loading the cells…";
    const script = document.createElement("script");
    script.src = form.dataset.table;
    script.onerror = () => { said.textContent = `The cells are not there: ${form.dataset.table}`; asked.length = 0; };
    document.body.append(script);
  };

  const unpack = (data) => {
    const stories = data.stories.map(([seen, told]) => {
      const [verdict, cause] = data.seen[seen];
      const title = data.causes[cause] || "";
      return { verdict, told: told || title, words: [verdict, cause, title, told].join(" ").toLowerCase() };
    });
    const cells = [];
    const [formats, environments] = [data.formats, data.environments];
    let at = 0;
    for (let i = 0; i < data.cells.length; i += 2) {
      for (let left = data.cells[i + 1]; left > 0; left -= 1, at += 1) {
        const consumer = environments[at % environments.length];
        const producer = environments[Math.floor(at / environments.length) % environments.length];
        const rest = Math.floor(at / environments.length ** 2);
        const probe = data.probes[Math.floor(rest / formats.length)];
        if (!probe[3]) {
          cells.push({ story: stories[data.cells[i]] || { verdict: "not_run", told: "", words: "not_run" },
            probe, format: formats[rest % formats.length], producer, consumer });
        }
      }
    }
    return { cells };
  };

  const chosen = () => {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
    return query;
  };

  const show = (found) => {
    const rows = found.slice(0, LISTED).map((cell) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      const place = [cell.probe, cell.format, cell.producer, cell.consumer].map((name) => name[1]).join("/");
      link.href = `${form.dataset.here}probes/${encodeURIComponent(cell.probe[2])}.html#${place}`;
      link.textContent = `${cell.probe[0]}, ${cell.format[0]}: ${cell.producer[0]} → ${cell.consumer[0]}`;
      item.append(badge(cell.story.verdict), " ", link, " ", cell.story.told);
      return item;
    });
    list.replaceChildren(...rows);
    list.hidden = !rows.length;
  };
  const badge = (verdict) => {
    const made = document.createElement("span");
    made.className = `badge v-${verdict}`;
    made.append(form.querySelector(`.chip.v-${verdict} svg`)?.cloneNode(true) || "", verdict.replace("_", " "));
    return made;
  };

  const filter = () => {
    const query = chosen();
    const search = query.size ? "?" + query : location.pathname;
    history.replaceState(null, "", search + location.hash);
    if (query.size) load(() => apply(query));
    else { said.textContent = ""; show([]); mark(query, null); }
  };

  const apply = (query) => {
    if (String(query) !== String(chosen())) return;
    const verdicts = query.getAll("verdict");
    const text = (query.get("text") || "").toLowerCase();
    const named = (cell) => ["probe", "format", "producer", "consumer"].map((name) => cell[name][0]).join(" ").toLowerCase();
    const found = table.cells.filter((cell) =>
      (!verdicts.length || verdicts.includes(cell.story.verdict)) &&
      fields.every((name) => name === "text" || !query.get(name) || query.get(name) === cell[name][0]) &&
      (!text || cell.story.words.includes(text) || named(cell).includes(text)));
    const number = new Intl.NumberFormat("en");
    said.textContent = `${number.format(found.length)} of ${number.format(table.cells.length)} cells match.`
      + (found.length > LISTED ? ` The first ${LISTED} are listed.` : "")
      + " The numbers in the overview stay those of the whole run.";
    show(found);
    mark(query, new Set(found.map((cell) => JSON.stringify([cell.format[0], cell.producer[0], cell.consumer[0]]))));
  };

  // Rows, columns and grids that are not asked for go away; squares without a match fade.
  const mark = (query, pairs) => {
    const differs = (name, value) => Boolean(query.get(name)) && value !== undefined && query.get(name) !== value;
    for (const view of document.querySelectorAll(".view")) view.hidden = differs("format", view.dataset.format);
    for (const grid of document.querySelectorAll(".view table, table.moves")) {
      const columns = [...grid.querySelectorAll("thead th")];
      for (const th of columns) th.hidden = differs("consumer", th.dataset.consumer);
      for (const row of grid.tBodies[0].rows) {
        row.hidden = differs("producer", row.dataset.producer);
        [...row.querySelectorAll("td")].forEach((td, at) => {
          td.hidden = columns[at].hidden;
          const pair = JSON.stringify([grid.dataset.format, row.dataset.producer, columns[at].dataset.consumer]);
          td.firstElementChild.classList.toggle("dim", Boolean(pairs && grid.dataset.format && !pairs.has(pair)));
        });
      }
    }
  };

  const given = new URLSearchParams(location.search);
  for (const name of fields) {
    const field = form.elements[name];
    const value = given.get(name);
    if (value && (name === "text" || [...field.options].some((option) => option.value === value))) field.value = value;
  }
  for (const box of form.querySelectorAll("input[name=verdict]")) box.checked = given.getAll("verdict").includes(box.value);
  // A moment's rest between keys, so that typing stays quick on many cells.
  let rest = 0;
  form.addEventListener("input", () => { clearTimeout(rest); rest = setTimeout(filter, 80); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  if (given.size) filter();
})();
