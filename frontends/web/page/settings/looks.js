// @ts-check
/** How this page looks, in this browser: light or dark, and in which language. */

import { choose, chosen, showTheme } from "../base/choices.js";
import { LANGUAGES, t } from "../base/text.js";
import { choice } from "../parts/fields.js";
import { section } from "../parts/page.js";

/** Both choices. */
export function looks() {
  const themes = {
    auto: t("looks.auto"),
    light: t("looks.light"),
    dark: t("looks.dark"),
  };
  const theme = choice(
    t("looks.theme"),
    themes,
    /** @type {keyof typeof themes} */ (chosen("theme", "auto")),
    (value) => {
      choose("theme", value);
      showTheme();
    },
  );
  const languages = { "": t("looks.browser"), ...LANGUAGES };
  const language = choice(
    t("looks.language"),
    languages,
    /** @type {keyof typeof languages} */ (chosen("language")),
    (value) => {
      choose("language", value);
      location.reload(); // every text is another one
    },
  );
  return section(t("looks.title"), theme, language);
}
