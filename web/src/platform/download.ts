import { answer, api } from "./api";
import { refused } from "./notice";
import { problemOf } from "./problem";

/**
 * Has the browser store a file of the server, as it arrives. A link alone would go past the client: where the session is over,
 * the one who is signed in is asked to sign in again first.
 */
export async function download(address: string): Promise<void> {
  try {
    await answer(api.GET("/auth/me"));
  } catch (thrown) {
    return refused(problemOf(thrown));
  }
  const link = document.createElement("a");
  link.href = address;
  link.download = ""; // by the server's name; and nobody leaves the page, so that nothing unsaved is asked about
  link.click();
}
