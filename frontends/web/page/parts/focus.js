// @ts-check
/** Where the keyboard goes on when what it was on is gone. Lost, it would begin at the top of the page again. */

/**
 * Back to where it was; where that is gone too, to the dialog, folder or view that is shown.
 * @param {Element | null} [before]
 */
export function giveBack(before) {
  const dialogs = document.querySelectorAll("dialog[open] > .dialog-body");
  const here =
    (before?.isConnected && before) ||
    [...dialogs].at(-1) ||
    document.querySelector("main .entries:not([hidden])") ||
    document.querySelector("main");
  if (here instanceof HTMLElement) here.focus();
}

/** The same, if nothing has it now. */
export function keep() {
  if (document.activeElement === document.body) giveBack();
}
