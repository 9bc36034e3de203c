// Holds any two runs against each other. Each has a file with all of its cells, that calls crossload() when it is loaded:
// that works from a folder, where a page may not read other files in any other way.
// What the kinds mean is told in runner/transitions.py, and done here in the same way.
"use strict";
(() => {
  const form = document.getElementById("compare");
  const said = document.getElementById("said");
  const counts = document.getElementById("counts");
  const together = document.getElementById("together");
  const table = document.getElementById("table");
  const ranks = form.dataset.ranks.trim().split(" ");
  const infrastructure = form.dataset.lost.split(" ");
  const failures = form.dataset.failures.split(" ");
  const KINDS = ["worse", "removed", "lost", "changed", "better", "found", "added"];
  const SHOWN = 500;
  // As many as reports/changes.py tells.
  const WAYS = 12;
  const loaded = new Map();

  const load = (folder) => {
    if (!loaded.has(folder)) {
      loaded.set(folder, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = `${encodeURIComponent(folder)}/cells.js`;
        // One at a time: what a file calls does not say which file it is.
        script.onload = () => resolve(given);
        script.onerror = () => { loaded.delete(folder); reject(new Error(`The cells of ${folder} are not there.`)); };
        let given = null;
        globalThis.crossload = (data) => { given = unpack(data, folder); };
        document.body.append(script);
      }));
    }
    return loaded.get(folder);
  };

  const unpack = (data, folder) => {
    const cells = new Map();
    const [formats, environments] = [data.formats, data.environments];
    let at = 0;
    for (let i = 0; i < data.cells.length; i += 2) {
      const story = data.stories[data.cells[i]];
      for (let left = data.cells[i + 1]; left > 0; left -= 1, at += 1) {
        if (!story) continue;
        const consumer = environments[at % environments.length];
        const producer = environments[Math.floor(at / environments.length) % environments.length];
        const rest = Math.floor(at / environments.length ** 2);
        const probe = data.probes[Math.floor(rest / formats.length)];
        const format = formats[rest % formats.length];
        const seen = data.seen[story[0]];
        const key = [producer[0], consumer[0], probe[0], format[0]];
        const page = probe[3] ? "faults" : `probes/${encodeURIComponent(probe[2])}`;
        const place = [probe, format, producer, consumer].map((name) => name[1]).join("/");
        cells.set(JSON.stringify(key), { key, seen, words: JSON.stringify(seen), folder, page, place });
      }
    }
    return cells;
  };

  const lost = (one) => infrastructure.includes(one.seen[0]);
  const kind = (before, after) => {
    if (!after) return "removed";
    if (!before) return "added";
    if (before.words === after.words) return "";
    if (lost(before) !== lost(after)) return lost(after) ? "lost" : "found";
    if (before.seen[0] === after.seen[0] || lost(after)) return "changed";
    return ranks.indexOf(after.seen[0]) > ranks.indexOf(before.seen[0]) ? "worse" : "better";
  };

  const sentence = (before, after) => {
    if (!before || !after) {
      const [verdict, cause, gone] = (after || before).seen;
      return (after ? "" : "was ") + verdict + (cause ? `; cause: ${cause}` : "") + (gone.length ? `; lost: ${gone.join(", ")}` : "");
    }
    const [old, now] = [before.seen, after.seen];
    const words = [old[0] === now[0] ? `still ${now[0]}` : `${old[0]} -> ${now[0]}`];
    if (lost(after)) return words[0];
    if (old[1] !== now[1]) words.push(`cause: ${old[1] || "none"} -> ${now[1] || "none"}`);
    const come = now[2].filter((name) => !old[2].includes(name));
    const gone = old[2].filter((name) => !now[2].includes(name));
    if (come.length) words.push(`lost: ${come.join(", ")}`);
    // Of what fails nobody knows what it would have kept.
    if (gone.length && !failures.includes(now[0])) words.push(`no longer lost: ${gone.join(", ")}`);
    if (old[0] === now[0]) {
      const [had, has] = [new Map(old[3]), new Map(now[3])];
      for (const check of [...new Set([...had.keys(), ...has.keys()])].sort()) {
        if (had.get(check) !== has.get(check)) words.push(`${check}: ${had.get(check) || "none"} -> ${has.get(check) || "none"}`);
      }
    }
    return words.join("; ");
  };

  const element = (name, text, ...rest) => {
    const made = document.createElement(name);
    made.append(text, ...rest);
    return made;
  };
  const row = ({ what, before, after }) => {
    const one = after || before;
    const [producer, consumer, probe, format] = one.key;
    const link = element("a", `${probe}, ${format}`);
    link.href = `${encodeURIComponent(one.folder)}/${one.page}.html#${one.place}`;
    const told = element("td", sentence(before, after));
    told.className = "free";
    const head = element("th", what);
    head.scope = "row";
    const made = element("tr", head, element("td", `${producer} → ${consumer}`), element("td", link), told);
    made.className = `kind-${what}`;
    return made;
  };

  const compare = async () => {
    const [from, to] = [form.elements.old.value, form.elements.new.value];
    history.replaceState(null, "", `?old=${encodeURIComponent(from)}&new=${encodeURIComponent(to)}`);
    table.hidden = true;
    counts.replaceChildren();
    together.replaceChildren();
    said.textContent = "Loading…";
    let old, now;
    try {
      old = await load(from);
      now = await load(to);
    } catch (error) {
      said.textContent = error.message;
      return;
    }
    if (from !== form.elements.old.value || to !== form.elements.new.value) return;
    const found = [];
    for (const key of new Set([...now.keys(), ...old.keys()])) {
      const [before, after] = [old.get(key), now.get(key)];
      const what = kind(before, after);
      if (what) found.push({ what, before, after });
    }
    found.sort((a, b) => KINDS.indexOf(a.what) - KINDS.indexOf(b.what));
    const number = new Intl.NumberFormat("en");
    const unchanged = [...now.keys()].filter((key) => old.has(key)).length - found.filter((one) => one.before && one.after).length;
    said.textContent = found.length
      ? `${number.format(found.length)} ${found.length === 1 ? "cell" : "cells"} changed, ${number.format(unchanged)} did not.`
        + (found.length > SHOWN ? ` The first ${SHOWN} are listed.` : "")
      : `No cell changed. As they were: ${number.format(unchanged)}.`;
    counts.replaceChildren(...KINDS.map((what) => [what, found.filter((one) => one.what === what).length])
      .filter(([, count]) => count).map(([what, count]) => element("li", element("b", number.format(count)), ` ${what}`)));
    const ways = new Map();
    for (const one of found) {
      const words = sentence(one.before, one.after);
      const way = ways.get(`${one.what} ${words}`) || { what: one.what, words, cells: 0 };
      way.cells += 1;
      ways.set(`${one.what} ${words}`, way);
    }
    together.replaceChildren(...[...ways.values()].filter((way) => way.cells > 1)
      .sort((a, b) => KINDS.indexOf(a.what) - KINDS.indexOf(b.what) || b.cells - a.cells).slice(0, WAYS)
      .map((way) => element("li", element("b", number.format(way.cells)), ` ${way.what}: ${way.words}`)));
    table.tBodies[0].replaceChildren(...found.slice(0, SHOWN).map(row));
    table.hidden = !found.length;
  };

  const given = new URLSearchParams(location.search);
  for (const name of ["old", "new"]) {
    const field = form.elements[name];
    if ([...field.options].some((option) => option.value === given.get(name))) field.value = given.get(name);
  }
  form.addEventListener("change", compare);
  form.addEventListener("submit", (event) => event.preventDefault());
  if (form.elements.new.options.length > 1) compare();
})();
