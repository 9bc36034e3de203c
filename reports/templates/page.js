// Pages work without this script. It adds arrow keys in the grids, the column's highlight, Escape to close a panel, and
// the way back to the cell that opened it.
"use strict";
(() => {
  document.documentElement.classList.add("js");
  const heads = (table) => [...table.querySelectorAll("thead tr:last-child th")];

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
    const link = next && next.querySelector("a");
    if (link) link.focus();
  });

  // A panel that opens takes the focus, so that a keyboard and a screen reader are where the eye is; the cell that
  // it belongs to stays marked in its grid.
  let from = null;
  const quoted = (word) => /^[\w@%+=:,./-]+$/.test(word) ? word : "'" + word.replaceAll("'", "'\"'\"'") + "'";
  const names = (link) => {
    const td = link.closest("table.small td");
    if (!td) return null;
    const table = td.closest("table");
    const { consumer } = heads(table)[[...td.parentNode.querySelectorAll("td")].indexOf(td)].dataset;
    return { producer: td.parentNode.dataset.producer, consumer, ...table.dataset };
  };
  const tell = (which, cell) => {
    which.hidden = !cell;
    if (!cell) return;
    which.querySelector("b").textContent = `${cell.producer} → ${cell.consumer}`;
    which.querySelector("span").textContent = `${cell.probe}, ${cell.format}`;
    const words = [cell.producer, cell.consumer, cell.probe, cell.format].map(quoted);
    which.querySelector("code").textContent = ["crossload", "reproduce", ...words].join(" ");
  };
  const open = ".grid td a, .ways a, .listed a";
  document.addEventListener("click", (event) => { from = event.target.closest(open) || from; });
  const arrive = () => {
    for (const marked of document.querySelectorAll(".grid .open")) marked.classList.remove("open");
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const panel = target && target.closest(".panel");
    // A panel that many links lead to closes to the one that was followed.
    const close = panel && (target.querySelector(".close") || panel.querySelector(".close"));
    if (close && from && from.hash === location.hash) {
      if (!from.id) from.id = "at:" + decodeURIComponent(from.hash.slice(1));
      close.hash = from.id;
    }
    const origin = close && document.getElementById(decodeURIComponent(close.hash.slice(1)));
    if (origin && origin.closest(".grid")) origin.classList.add("open");
    if (panel) {
      const which = panel.querySelector(".which");
      if (which) tell(which, from && from.hash === location.hash && names(from));
      panel.scrollTop = 0;
      close.focus({ preventScroll: true });
    } else if (target && target.closest("a") && from === target) {
      target.focus();
    }
  };
  window.addEventListener("hashchange", arrive);
  // After the browser itself has gone to the place in the address, which takes the focus from where it was.
  window.addEventListener("pageshow", () => setTimeout(arrive));
})();
