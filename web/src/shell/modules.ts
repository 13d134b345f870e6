/** All modules. A new one is one more line here. */
export { access } from "@/access";
export { history } from "@/history";
export { identity } from "@/identity";
export { organization } from "@/organization";
