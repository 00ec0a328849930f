/**
 * What every page has: theme switch, dialogs, toasts, keyboard, ages and clocks that move on,
 * and lists that follow what happens.
 */
import { startClocks } from "./pages/clocks.js";
import { startCopying } from "./pages/copying.js";
import { startDialogs } from "./pages/dialogs.js";
import { startFilters } from "./pages/filters.js";
import { startKeyboard } from "./pages/keyboard.js";
import { startLivePage } from "./pages/live_page.js";
import { startRunForms } from "./pages/run_form.js";
import { startTheme } from "./pages/theme_switch.js";

startTheme();
startDialogs();
startFilters();
startKeyboard();
startClocks();
startCopying();
startRunForms();
startLivePage();
