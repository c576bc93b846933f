"""Two checks for every page test: axe finds nothing, and each error is tied to its field and linked from the summary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN_AXE = """async (tags) => {
  const options = {runOnly: {type: "tag", values: tags}, rules: {"target-size": {enabled: true}}, resultTypes: ["violations"]};
  const found = await axe.run(document, options);
  return found.violations.map(v => `${v.id}: ${v.help}\\n` + v.nodes.slice(0, 4).map(
    n => `    ${n.target.join(" ")}  ${(n.failureSummary || "").split("\\n").slice(1, 2).join("").trim()}`).join("\\n"));
}"""

FIND_BROKEN_LINKS = """() => {
  const problems = [];
  const summary = document.querySelector("#error-summary");
  const links = summary ? [...summary.querySelectorAll("a[href^='#']")] : [];
  const errors = [...document.querySelectorAll("main .error")];
  if (!summary) problems.push("no #error-summary on the page");
  else if (summary.getAttribute("tabindex") !== "-1") problems.push("#error-summary cannot take focus");
  if (!errors.length && !links.length && !(summary && summary.querySelector("li"))) problems.push("no error on the page");
  const linked = new Set();
  for (const link of links) {
    const control = document.getElementById(link.hash.slice(1));
    if (!control) { problems.push(`${link.hash} points at nothing`); continue; }
    if (!control.matches("input, select, textarea, button, fieldset")) problems.push(`${link.hash} is no control`);
    if (control.matches("input, select, textarea") && control.getAttribute("aria-invalid") !== "true")
      problems.push(`${link.hash} lacks aria-invalid`);
    let holder = control, named = "";
    while (holder && holder.tagName !== "FORM") {
      named += " " + (holder.getAttribute?.("aria-describedby") || "");
      holder = holder.parentElement;
    }
    const own = named.split(/\\s+/).map(id => id && document.getElementById(id)).filter(e => e && e.matches(".error"));
    if (!own.length) problems.push(`${link.hash} is not described by its error`);
    own.forEach(e => linked.add(e));
    if (own.length && !own.some(e => e.textContent.includes(link.textContent.trim())))
      problems.push(`${link.hash}: the summary says something else than the field`);
  }
  for (const error of errors) {
    if (!error.id) problems.push(`error without id: ${error.textContent.trim()}`);
    if (!linked.has(error)) problems.push(`#${error.id} is not reachable from the summary`);
  }
  for (const name of new Set([...document.querySelectorAll("main input[type=radio]")].map(r => r.name))) {
    const one = document.querySelector(`input[type=radio][name="${CSS.escape(name)}"]`);
    if (!one.closest("fieldset")?.querySelector("legend")) problems.push(`radios ${name} have no fieldset with legend`);
  }
  return problems;
}"""


def assert_accessible(page: Any) -> None:
    """axe-core (WCAG 2.2 AA and best practice, target size on) finds nothing, and nothing scrolls sideways.

    Raises:
        AssertionError: lists each rule with its first elements.
    """
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    violations = page.evaluate(RUN_AXE, TAGS)
    assert not violations, f"{page.url}\n" + "\n".join(violations)
    wide, shown = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= shown, f"{page.url} scrolls sideways: {wide} > {shown}"


def assert_errors_linked(page: Any) -> None:
    """Each error is named by `aria-describedby` of its invalid control and linked from the error summary.

    Raises:
        AssertionError: lists what is loose.
    """
    problems = page.evaluate(FIND_BROKEN_LINKS)
    assert not problems, f"{page.url}\n" + "\n".join(problems)
