// @ts-check
/** A tree of Markdown as elements. Links leave the page in a tab of their own; images are named, not fetched. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { mayLeadTo, outward } from "../parts/outward.js";

/**
 * @param {import("./markdown.js").Block[]} blocks
 * @returns {HTMLElement[]}
 */
export function rendered(blocks) {
  return blocks.map(block);
}

/**
 * @param {import("./markdown.js").Block} block
 * @returns {HTMLElement}
 */
function block(block) {
  switch (block.kind) {
    case "heading":
      return h(/** @type {"h2"} */ (`h${Math.min(6, block.level + 1)}`), {}, spans(block.inside));
    case "paragraph":
      return h("p", {}, spans(block.inside));
    case "code":
      return h("pre", { tabindex: 0 }, h("code", {}, block.text));
    case "quote":
      return h("blockquote", {}, rendered(block.blocks));
    case "rule":
      return h("hr");
    case "table":
      return h(
        "div",
        { class: "table", tabindex: 0 },
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              block.head.map((each) => h("th", {}, spans(each))),
            ),
          ),
          h(
            "tbody",
            {},
            block.rows.map((row) =>
              h(
                "tr",
                {},
                row.map((each) => h("td", {}, spans(each))),
              ),
            ),
          ),
        ),
      );
    case "list":
      return block.start === null
        ? h("ul", {}, block.items.map(item))
        : h("ol", { start: block.start }, block.items.map(item));
  }
}

/** @param {{done: boolean | null, blocks: import("./markdown.js").Block[]}} item */
function item({ done, blocks }) {
  const [first, ...rest] = blocks;
  const inside =
    first?.kind === "paragraph" ? [...spans(first.inside), ...rendered(rest)] : rendered(blocks);
  const box =
    done !== null &&
    h("input", {
      type: "checkbox",
      disabled: true,
      checked: done,
      "aria-label": t("viewer.task_done"),
    });
  return h("li", { class: done === null ? null : "task" }, box, inside);
}

/**
 * @param {import("./markdown.js").Inline[]} inside
 * @returns {(HTMLElement | string)[]}
 */
function spans(inside) {
  return inside.map((each) => {
    switch (each.kind) {
      case "text":
        return each.text;
      case "code":
        return h("code", {}, each.text);
      case "link":
        return mayLeadTo(each.to)
          ? outward(each.to, spans(each.inside))
          : h("span", { title: each.to }, spans(each.inside));
      case "image":
        return h("span", { class: "no-image" }, each.alt || each.to);
      case "break":
        return h("br");
      default:
        return h(each.kind, {}, spans(each.inside));
    }
  });
}
