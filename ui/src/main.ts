/** Opens the window, and reports that it was drawn. */
import "./styles/tokens.css";
import "./styles/base.css";

import { mount } from "svelte";

import { commands } from "./host/commands";
import { firstPaint } from "./host/first_paint";
import Window from "./pages/Window.svelte";

const target = document.getElementById("app");
if (target) {
  target.replaceChildren();
  mount(Window, { target });
  void firstPaint().then(() => commands.reportFirstPaint());
}
