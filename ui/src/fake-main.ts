/** Opens the page over the scripted host, for tests and for looking at every state: `fake.html?fake=<scenario>`. */
import "./styles/tokens.css";
import "./styles/base.css";

import { mount } from "svelte";

import { FakeHost } from "./host/fake/fake_app";
import { scenario } from "./host/fake/scenarios";
import Window from "./pages/Window.svelte";

const target = document.getElementById("app");
const asked = new URLSearchParams(location.search);
const played = scenario(asked.get("fake") ?? "first");
if (asked.get("language") === "de") played.preferences = { theme: "system", language: "de" };
if (target) mount(Window, { target, props: { host: new FakeHost(played) } });
