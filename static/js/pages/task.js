/** The page of a task: its plots, pictures and tables, looked at anew whenever the page is brought up to date. */
import { showPanels } from "../run/panels.js";

showPanels();
document.addEventListener("page-refreshed", showPanels);
