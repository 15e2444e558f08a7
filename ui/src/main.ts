/** Opens the window over the real host. */
import "./styles/tokens.css";
import "./styles/base.css";

import { mount } from "svelte";

import { tauriHost } from "./host/commands";
import Window from "./pages/Window.svelte";

const target = document.getElementById("app");
if (target) mount(Window, { target, props: { host: tauriHost } });
