// Only improves pages that work without it: CSRF header, focus after a swap, one alert region, the idle warning.
(() => {
  "use strict";
  const $ = (selector) => document.querySelector(selector);
  const meta = () => $('meta[name="csrf-token"]')?.content ?? "";
  const UNSAFE = /^(POST|PUT|PATCH|DELETE)$/i;

  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx.request;
    if (UNSAFE.test(request.method)) request.headers["X-CSRFToken"] = meta();
    // A polling block is the page asking, not the person: it must not keep a session alive.
    if (event.detail.ctx.sourceElement?.matches(".poll")) request.headers["X-Corridor-Poll"] = "1";
  });

  // Focus: errors first; otherwise the heading, unless the person still stands on something that survived.
  const land = (element) => {
    if (!element) return;
    element.setAttribute("tabindex", "-1");
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:after:swap", (event) => {
    const ctx = event.detail.ctx;
    const target = ctx?.target;
    if (!target || target.id !== "main") return;
    const summary = $("#error-summary");
    if (ctx.response?.status === 422 && summary) return land(summary);
    const active = document.activeElement;
    if (!active || active === document.body || active === target) land($("main h1"));
  });

  // One alert region, in the page from the start; only its text changes.
  const problem = () => $("#page-problem");
  const say = (text) => {
    const region = problem();
    if (region) region.textContent = text;
  };
  document.addEventListener("htmx:before:request", () => say(""));
  // A list that reloads itself waits while somebody selects rows in it.
  document.addEventListener("htmx:before:request", (event) => {
    const block = event.detail.ctx?.sourceElement;
    if (block?.matches(".poll") && block.querySelector("input:checked")) event.preventDefault();
  });
  const failed = () => say(problem()?.dataset.text ?? "");
  document.addEventListener("htmx:response:error", (event) => {
    if ((event.detail.ctx?.response?.status ?? 500) >= 500) failed();
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx && !event.detail.ctx.response) failed();
  });

  // A summary link moves focus into the field, not only the page.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".error-summary a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus({ preventScroll: true });
    (field.closest(".field") ?? field).scrollIntoView({ block: "start" });
  });

  // A secret is copied by one press; without JavaScript it is selected by hand.
  for (const button of document.querySelectorAll("[data-copy]")) {
    const source = document.getElementById(button.dataset.copy);
    const told = document.getElementById(`${button.dataset.copy}-copied`);
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.textContent);
        told.textContent = told.dataset.text;
      } catch { getSelection().selectAllChildren(source); }
    });
  }

  // Documents to sign: when their end came into view, and the zone of the device, go along with the button.
  let read = 0;
  const papers = $("form[data-reading]");
  if (papers && window.IntersectionObserver) {
    new IntersectionObserver((entries, watcher) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      read = performance.now();
      watcher.disconnect();
    }).observe(papers);
  }
  papers?.addEventListener("submit", () => {
    papers.elements.time_zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
    if (read) papers.elements.read_ago.value = ((performance.now() - read) / 1000).toFixed(1);
  });

  // Without a page of our own in memory (Back after sign-out), ask the server again.
  addEventListener("pageshow", (event) => {
    if (event.persisted && document.body.dataset.idleSeconds) location.reload();
  });

  // Idle: warn two minutes before the session ends; every request of any tab starts the time again.
  const idle = Number(document.body?.dataset.idleSeconds ?? 0) * 1000;
  const dialog = $("#idle");
  if (!idle || !dialog?.showModal) return;
  const KEY = "corridor-active";
  const WARN = Math.min(120000, idle / 2);
  let since = Date.now();
  let shared = true;
  const mark = () => {
    since = Date.now();
    try { localStorage.setItem(KEY, String(since)); } catch { shared = false; }
    if (dialog.open) dialog.close();
  };
  const last = () => {
    if (!shared) return since;
    try { return Math.max(since, Number(localStorage.getItem(KEY) ?? 0)); } catch { return since; }
  };
  const leave = () => location.assign(document.body.dataset.signIn);
  const stay = async () => {
    try {
      const answer = await fetch(document.body.dataset.keepAlive, { credentials: "same-origin", cache: "no-store" });
      if (answer.ok) mark(); else leave();
    } catch { failed(); }
  };
  const look = () => {
    const left = idle - (Date.now() - last());
    if (left <= 0) return leave();
    if (left <= WARN) { if (!dialog.open) dialog.showModal(); }
    else if (dialog.open) dialog.close();
  };
  mark();
  document.addEventListener("htmx:after:request", (event) => {
    if (!event.detail.ctx?.sourceElement?.matches?.(".poll")) mark();
  });
  $("#idle-stay").addEventListener("click", stay);
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); stay(); });
  document.addEventListener("visibilitychange", look);
  setInterval(look, Math.min(5000, WARN / 4));
})();
