import "element-plus/theme-chalk/base.css";
import "element-plus/theme-chalk/dark/css-vars.css";
import "./platform/theme.css";
import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { createPinia } from "pinia";
import { createApp } from "vue";
import { renewSession } from "./identity/renewal";
import { renewWith } from "./platform/api";
import "./platform/composing";
import { addMessages, i18n } from "./platform/i18n";
import { messages } from "./platform/messages";
import { provideModules } from "./platform/module";
import { failed } from "./platform/notice";
import { problemOf } from "./platform/problem";
import { useSession } from "./platform/session";
import "./platform/theme";
import App from "./shell/App.vue";
import { messages as shellMessages } from "./shell/messages";
import * as declared from "./shell/modules";
import { makeRouter } from "./shell/router";

const modules = Object.values(declared);
for (const own of [messages, shellMessages, ...modules.map((m) => m.messages)]) addMessages(own);

const queryClient = new QueryClient({
  defaultOptions: {
    // What passes by itself is tried twice more; what is refused would be refused again.
    queries: { retry: (failures, error) => failures < 2 && problemOf(error).passes, networkMode: "always", staleTime: 5_000 },
    mutations: { networkMode: "always" },
  },
});

const app = createApp(App);
app.use(createPinia()).use(i18n).use(VueQueryPlugin, { queryClient });
provideModules(app, modules);

// A view that fails must not just be empty.
app.config.errorHandler = (thrown) => {
  reportError(thrown);
  failed("problems.fault");
};

const session = useSession();
renewWith(() => Promise.resolve(false)); // at the start, a user without a session sees the sign-in page
try {
  await session.load();
} catch {
  // The server is away or at fault: it is asked again, behind the sign-in page.
}
renewWith(renewSession);
app.use(makeRouter(modules)).mount("#app");
