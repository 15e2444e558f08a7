/** Opens the page over the scripted host, for tests and for looking at every state: `fake.html?fake=<scenario>`. */
import "./styles/tokens.css";
import "./styles/base.css";

import { mount } from "svelte";

import { FakeHost } from "./host/fake/fake";
import { scenario } from "./host/fake/scenarios";
import Window from "./pages/Window.svelte";

const target = document.getElementById("app");
const name = new URLSearchParams(location.search).get("fake") ?? "first";
if (target) mount(Window, { target, props: { host: new FakeHost(scenario(name)) } });
