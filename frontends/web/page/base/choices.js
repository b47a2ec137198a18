// @ts-check
/** What this browser was told to do: theme, language, how folders are shown. No secret is here. */

const PREFIX = "holdfast-";

/**
 * @param {string} name
 * @param {string} [usual]
 */
export function chosen(name, usual = "") {
  return localStorage.getItem(PREFIX + name) ?? usual;
}

/**
 * @param {string} name
 * @param {string} value
 */
export function choose(name, value) {
  localStorage.setItem(PREFIX + name, value);
}

/** Show the page light or dark as was chosen; as the machine has it otherwise. */
export function showTheme() {
  const theme = chosen("theme", "auto");
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
