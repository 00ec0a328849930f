/**
 * What every page has: theme switch, dialogs, toasts, keyboard, ages and clocks that move on,
 * and lists that follow what happens.
 */
import { startClocks } from "./pages/clocks.js";
import { startFilters } from "./pages/filters.js";
import { startKeyboard } from "./pages/keyboard.js";
import { startOnDemand } from "./pages/on_demand.js";
import { startTheme } from "./pages/theme_switch.js";

startTheme();
startFilters();
startKeyboard();
startClocks();
startOnDemand();
