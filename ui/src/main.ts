/** Opens the window. */
import "./styles/tokens.css";
import "./styles/base.css";

import { mount } from "svelte";

import Window from "./pages/Window.svelte";

const target = document.getElementById("app");
if (target) mount(Window, { target });
