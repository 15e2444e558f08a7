/** Opens the window over the fake app, for tests and to see every state: `fake.html?fake=<scenario>`. */
import "./styles/tokens.css";
import "./styles/base.css";

import { mount } from "svelte";

import { FakeApp } from "./host/fake/fake_app";
import { scenario } from "./host/fake/scenarios";
import Window from "./pages/Window.svelte";

const target = document.getElementById("app");
const query = new URLSearchParams(location.search);
const chosen = scenario(query.get("fake") ?? "welcome");
if (query.get("language") === "de") chosen.preferences = { theme: "system", language: "de" };
new FakeApp(chosen);
if (target) mount(Window, { target });
