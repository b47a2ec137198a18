// @ts-check
/** Search as one types: in one's own files, and in what others share. */

import { isTyping, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { at, go, read } from "../base/routes.js";
import { later } from "../base/signal.js";
import { t } from "../base/text.js";

const AFTER = 180;

/** The field at the top; `/` goes there. */
export function searchField() {
  const field = h("input", {
    type: "search",
    name: "q",
    "aria-label": t("search.label"),
    placeholder: t("search.label"),
    autocomplete: "off",
    spellcheck: "false",
  });
  field.value = read(location.hash).asked.get("q") ?? "";
  const look = () => {
    const words = field.value.trim();
    const there = read(location.hash).view === "search";
    if (words) go(at("search", [], { q: words }), there);
    else if (there) history.back();
  };
  field.addEventListener("input", later(look, AFTER));
  addEventListener("hashchange", () => {
    const place = read(location.hash);
    if (document.activeElement !== field || place.view !== "search")
      field.value = place.asked.get("q") ?? "";
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || isTyping(event.target) || document.querySelector("dialog[open]"))
      return;
    event.preventDefault();
    field.focus();
    field.select();
  });
  const form = h("form", { role: "search", class: "search" }, icon("search"), field);
  form.addEventListener("submit", (event) => (event.preventDefault(), look()));
  return form;
}
