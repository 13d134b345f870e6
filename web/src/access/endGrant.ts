import { inOneLinePolitely } from "@/identity/names";
import { answer, api } from "@/platform/api";
import { ask } from "@/platform/ask";
import { done } from "@/platform/notice";
import { useSession } from "@/platform/session";
import { type Grant, useGrantsChanged } from "./grants";
import type { GrantNames } from "./names";

/** The API takes this reason in the address, and proxies take no long ones: a letter of Korean is nine characters there. */
const endReasonMax = 500;

/** Asks why a grant is to end, ends it, and gives whether that was done. */
export function useEndGrant(): (grant: Grant, names: GrantNames) => Promise<boolean> {
  const session = useSession();
  const changed = useGrantsChanged();
  return async (grant, names) => {
    const own = grant.user_id === session.me?.id;
    const ended = await ask({
      title: "access.endGrant",
      text: own ? "access.endOwnText" : "access.endText",
      params: { user: inOneLinePolitely(names.user(grant.user_id)), role: names.role(grant.role_id), where: names.where(grant) },
      confirm: "access.end",
      danger: true,
      input: { label: "access.endReason", maxlength: endReasonMax },
      run: (reason) => answer(api.DELETE("/grants/{id}", { params: { path: { id: grant.id }, query: reason.trim() === "" ? {} : { reason } } })),
    });
    if (ended) {
      done("access.ended");
      await changed(grant.user_id);
    }
    return ended;
  };
}
