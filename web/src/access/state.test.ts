import { expect, it } from "vitest";
import cases from "../../../modules/access/domain/testdata/grant_states.json";
import { stateOf } from "./period";

// The server's domain and its database are held to the same cases: the console shows no other state than they decide by.
it.each(cases)("is the server's: $name", ({ moment, state, ...grant }) => {
  expect(stateOf(grant, moment) ?? "unknown").toBe(state);
});
