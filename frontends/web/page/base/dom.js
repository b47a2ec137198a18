// @ts-check
/** Making elements. Text stays text: nothing here, or anywhere in the page, parses markup. */

/** @typedef {Node | string | number | null | undefined | false | Child[]} Child what stands in an element; lists are told one by one */

/**
 * An element. Of `props`, functions named `on…` listen, `style` sets single properties, `value`
 * and `checked` are set as properties, everything else as attributes: true is an empty one, and
 * null, undefined and false are none.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(made, name, value);
  made.append(...shown(children));
  return made;
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {any} value
 */
function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") element.addEventListener(name.slice(2), value);
  else if (name === "style") {
    for (const [key, each] of Object.entries(value)) element.style.setProperty(key, String(each));
  } else if (name === "value" || name === "checked") /** @type {any} */ (element)[name] = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

/**
 * The children that are to be seen.
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function shown(children) {
  return children.flatMap((each) => {
    if (each === null || each === undefined || each === false) return [];
    if (Array.isArray(each)) return shown(each);
    return [each instanceof Node ? each : String(each)];
  });
}

/**
 * Have these children and no others.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...shown(children));
}

let numbers = 0;

/** An id that no other element has. */
export function freshId() {
  numbers += 1;
  return `n${numbers}`;
}

/**
 * Whether something is typed into here, so that keys are letters.
 * @param {EventTarget | null} target
 */
export function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}
