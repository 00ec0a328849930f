/**
 * What every page has: theme switch, dialogs, toasts, keyboard, ages and clocks that move on,
 * and lists that follow what happens (live_page.js).
 */
import { startClocks } from "./pages/clocks.js";
import { startDialogs } from "./pages/dialogs.js";
import { startKeyboard } from "./pages/keyboard.js";
import { startLivePage } from "./pages/live_page.js";
import { startTheme } from "./pages/theme_switch.js";

startTheme();
startDialogs();
startKeyboard();
startClocks();
startLivePage();
